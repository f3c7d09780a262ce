# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A DB instance has an endpoint of its own name, port 3306, and holds an address of a subnet of its subnet group while it lives.

AWS refuses an unknown subnet group and one with too few zones, and puts the standby of a Multi-AZ instance into another zone.
The emulator gives `localhost` and a port that it counts up, and knows no address.
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html
"""

from __future__ import annotations

import hashlib

import ministack.services.ec2 as ec2
import ministack.services.rds as rds

from lab.emulator.state import databases, interfaces

_PORT = 3306


def _host(identifier: str) -> str:
    """Return the word that an account has in the names of its endpoints in a region."""
    word = hashlib.sha256(f"{rds.get_account_id()}{rds.get_region()}".encode()).hexdigest()[:11]
    return f"{identifier}.c{word}.{rds.get_region()}.rds.amazonaws.com"


def _subnets(group: dict | None) -> list[dict]:
    ec2._ensure_defaults_initialized()
    names = [item["SubnetIdentifier"] for item in group["Subnets"]] if group else [ec2._DEFAULT_SUBNET_ID]
    return [ec2._subnets[name] for name in names]


def _group(name: str) -> dict:
    return {"GroupId": name, "GroupName": ec2._security_groups[name]["GroupName"]}


def _problem(params: dict) -> tuple | None:
    name, zone = rds._p(params, "DBSubnetGroupName"), rds._p(params, "AvailabilityZone")
    group = rds._subnet_groups.get(name) if name else None
    if name and not group:
        return databases.refusal("DBSubnetGroupNotFoundFault", f"DB subnet group '{name}' does not exist.", 404)
    for unknown in set(rds._parse_member_list(params, "VpcSecurityGroupIds")) - set(ec2._security_groups.keys()):
        return databases.refusal("InvalidParameterValue", f"The security group {unknown} does not exist.")
    zones = {subnet["AvailabilityZone"] for subnet in _subnets(group)}
    if name and len(zones) < 2:
        message = "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement."
        return databases.refusal("DBSubnetGroupDoesNotCoverEnoughAZs", message)
    if zone and zone not in zones:
        return databases.refusal("InvalidVPCNetworkStateFault", f"The DB subnet group has no subnet in {zone}.")
    return None


def _place(instance: dict, params: dict) -> None:
    group = rds._subnet_groups.get(rds._p(params, "DBSubnetGroupName"))
    subnets, zone = _subnets(group), rds._p(params, "AvailabilityZone")
    subnet = next(item for item in subnets if zone in ("", item["AvailabilityZone"]))
    others = [item["AvailabilityZone"] for item in subnets if item["AvailabilityZone"] != subnet["AvailabilityZone"]]
    groups = rds._parse_member_list(params, "VpcSecurityGroupIds") or [
        ec2._vpcs[subnet["VpcId"]]["DefaultSecurityGroupId"]
    ]
    address = next(interfaces.free(subnet))
    instance |= {
        "Endpoint": {
            "Address": _host(instance["DBInstanceIdentifier"]),
            "Port": int(rds._p(params, "Port") or _PORT),
            "HostedZoneId": "Z2R2ITUGPM61AM",
        },
        "AvailabilityZone": subnet["AvailabilityZone"],
        "SecondaryAvailabilityZone": others[0] if instance["MultiAZ"] and others else "",
        "VpcSecurityGroups": [{"VpcSecurityGroupId": name, "Status": "active"} for name in groups],
        "_interface": interfaces.create(subnet, address, [_group(name) for name in groups], "RDSNetworkInterface"),
    }


def apply() -> None:
    create = rds._ACTION_MAP["CreateDBInstance"]

    def create_in_subnet(params):
        if (rds._p(params, "Engine") or "") != "mysql" or rds._p(params, "DBClusterIdentifier"):
            return create(params)
        problem = _problem(params)
        if problem:
            return problem
        answered = create(params)
        if answered[0] != 200:
            return answered
        instance = rds._instances[rds._p(params, "DBInstanceIdentifier")]
        _place(instance, params)
        return databases.answer("CreateDBInstance", instance)

    rds._ACTION_MAP["CreateDBInstance"] = create_in_subnet
    databases.RELEASES.append(lambda instance: ec2._network_interfaces.pop(instance.get("_interface", ""), None))
    databases.show(
        lambda instance: (
            f"<SecondaryAvailabilityZone>{zone}</SecondaryAvailabilityZone>"
            if (zone := instance.get("SecondaryAvailabilityZone"))
            else ""
        )
    )
