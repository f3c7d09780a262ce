# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Tell the EC2 reconciler which instances and networks there are to be, and take in what it reports."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import ministack.services.ec2 as ec2
import ministack.services.iam as iam

from lab.emulator.autoscaling import members
from lab.emulator.autoscaling.converge import converge_all
from lab.emulator.control_api import load_balancers
from lab.emulator.state import role_sessions, spot
from lab.emulator.state.instances import ALIVE, Reconciler, set_state
from lab.emulator.state.load_balancers import occupants as placed_load_balancers
from lab.emulator.state.region import in_region

# What else of this region has an address in a VPC: `network` and `address` of each.
Occupants = Callable[[], Iterable[dict]]


def handlers(regions: tuple[str, ...], occupants: Occupants) -> dict:
    """Return the requests that the EC2 reconciler and the services of a VPC make."""
    return {
        "ec2-view": lambda question: _view(regions, occupants),
        "ec2-report": _report,
        "ec2-metadata": _metadata,
        "ec2-credentials": _credentials,
        "ec2-interrupt": lambda question: _interrupt(regions, question),
        **load_balancers.handlers(),
    }


def _view(regions: tuple[str, ...], occupants: Occupants) -> dict:
    """Return every living instance and the networks they are in; from then on a reconciler realizes the instances."""
    Reconciler.attached = True
    instances, networks, others, balancers = [], {}, [], []
    for region in regions:
        in_region(region)
        spot.end_due()
        converge_all()
        here = [item for item in ec2._instances.values() if item["State"]["Name"] in ALIVE]
        instances += [_instance(item, region) for item in here]
        there = [*occupants(), *placed_load_balancers()]
        balancers += load_balancers.balancers(region)
        others += [item["address"] for item in there]
        for vpc_id in {item["VpcId"] for item in here} | {item["network"] for item in there}:
            networks[vpc_id] = {"region": region, "cidr": ec2._vpcs[vpc_id]["CidrBlock"]}
    return {
        "instances": instances,
        "networks": networks,
        "peerings": _peerings(regions),
        "others": others,
        "balancers": balancers,
    }


def _instance(instance: dict, region: str) -> dict:
    subnet = ec2._subnets[instance["SubnetId"]]
    return {
        "instance_id": instance["InstanceId"],
        "region": region,
        "state": instance["State"]["Name"],
        "network": instance["VpcId"],
        "subnet_cidr": subnet["CidrBlock"],
        "address": instance["PrivateIpAddress"],
        "mac": ec2._network_interfaces[instance["_interface"]]["MacAddress"],
        "reboots": instance.get("_reboots", 0),
    }


def _peerings(regions: tuple[str, ...]) -> list[dict]:
    active = {}
    for region in regions:
        in_region(region)
        for connection in ec2._vpc_peering.values():
            sides = [connection["RequesterVpcInfo"]["VpcId"], connection["AccepterVpcInfo"]["VpcId"]]
            if connection["Status"]["Code"] == "active":
                active[connection["VpcPeeringConnectionId"]] = sides
    return [{"peering_id": peering_id, "sides": sides} for peering_id, sides in active.items()]


def _report(question: dict) -> bool:
    """Take in that an instance has reached a state; said too late (the API has moved on) it changes nothing."""
    in_region(question["region"])
    instance = ec2._instances.get(question["instance_id"])
    if not instance or instance["State"]["Name"] != question["was"]:
        return False
    # A change that the user asked for keeps the user's reason.
    reason = question.get("reason") or instance.get("StateReason")
    set_state(instance, question["state"], tuple(reason) if reason else None)
    return True


def _interrupt(regions: tuple[str, ...], question: dict) -> str:
    """Announce to a spot instance that it ends after so many seconds; returns what is wrong, or nothing."""
    for region in regions:
        in_region(region)
        instance = ec2._instances.get(question["instance_id"])
        if instance:
            return spot.announce(instance, float(question.get("seconds", spot.NOTICE)))
    return f"there is no instance {question['instance_id']}"


def _found(question: dict) -> dict | None:
    """Return the instance with an address in a VPC."""
    in_region(question["region"])
    for instance in ec2._instances.values():
        here = (instance["VpcId"], instance["PrivateIpAddress"]) == (question["network"], question["address"])
        if here and instance["State"]["Name"] in ALIVE:
            return instance
    return None


def _metadata(question: dict) -> dict | None:
    """Return what the metadata service tells about the instance at an address; None for a stranger."""
    instance = _found(question)
    if not instance:
        return None
    profile = _profile(instance)
    return {
        "instance": {key: value for key, value in instance.items() if not key.startswith("_")},
        "account": ec2.get_account_id(),
        "region": question["region"],
        "zone_id": ec2._az_id_for_zone_name(instance["Placement"]["AvailabilityZone"]),
        "mac": ec2._network_interfaces[instance["_interface"]]["MacAddress"],
        "interface": instance["_interface"],
        "subnet_cidr": ec2._subnets[instance["SubnetId"]]["CidrBlock"],
        "vpc_cidr": ec2._vpcs[instance["VpcId"]]["CidrBlock"],
        "tags": {tag["Key"]: tag["Value"] for tag in ec2._tags.get(instance["InstanceId"], [])},
        "profile": {"Arn": profile["Arn"], "InstanceProfileId": profile["InstanceProfileId"]} if profile else None,
        "role": _role_name(profile),
        "interruption": instance.get("_interruption"),
        "target_state": _target_state(instance),
    }


def _target_state(instance: dict) -> str | None:
    """Return where an Auto Scaling group wants the instance to be; None where it belongs to none."""
    found = members.found(instance["InstanceId"])
    return found and ("Terminated" if found[1].get("_leaving") else "InService")


def _credentials(question: dict) -> dict | None:
    """Return temporary credentials of the instance's role; None where it has none."""
    instance = _found(question)
    role = _role_name(_profile(instance)) if instance else None
    return role_sessions.current(instance["InstanceId"], role) if role else None


def _profile(instance: dict) -> dict | None:
    attached = instance.get("IamInstanceProfile")
    return iam._lookup_instance_profile(name="", arn=attached["Arn"]) if attached else None


def _role_name(profile: dict | None) -> str | None:
    roles = profile.get("Roles", []) if profile else []
    first = roles[0] if roles else None
    return first["RoleName"] if isinstance(first, dict) else first
