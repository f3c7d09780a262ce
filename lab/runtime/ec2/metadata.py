# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Build the tree of paths that the instance metadata service shows an instance: pure.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-categories.html
"""

from __future__ import annotations

import base64
import binascii
import json
import time
from collections.abc import Callable

# A leaf, a folder, or a leaf that is made when it is asked for.
type Node = str | bytes | dict[str, Node] | Callable[[], str | bytes | None] | None


def tree(facts: dict, credentials: Callable[[], dict | None]) -> dict[str, Node]:
    """Return everything below `/latest`. `credentials` is called only for those who ask for them."""
    found: dict[str, Node] = {
        "meta-data": _meta_data(facts, credentials),
        "dynamic": {"instance-identity": {"document": json.dumps(_identity(facts), indent=2)}},
    }
    user_data = _user_data(facts["instance"]["UserData"])
    return found | ({"user-data": user_data} if user_data else {})


def lookup(root: dict[str, Node], path: str) -> bytes | None:
    """Return the content at a path: a leaf, or the names in a folder; None where there is neither."""
    node: Node = root
    for part in [part for part in path.split("/") if part]:
        if not isinstance(node, dict) or node.get(part) is None:
            return None
        node = node[part]
    if isinstance(node, dict):
        return "\n".join(_entry(name, child) for name, child in node.items() if child is not None).encode()
    content = node() if callable(node) else node
    return content.encode() if isinstance(content, str) else content


def _entry(name: str, child: Node) -> str:
    return f"{name}/" if isinstance(child, dict) else name


def _meta_data(facts: dict, credentials: Callable[[], dict | None]) -> dict[str, Node]:
    instance = facts["instance"]
    zone = instance["Placement"]["AvailabilityZone"]
    groups = "\n".join(group["GroupName"] for group in instance["SecurityGroups"])
    public = {"public-hostname": instance["PublicDnsName"], "public-ipv4": instance["PublicIpAddress"]}
    return {
        "ami-id": instance["ImageId"],
        "ami-launch-index": "0",
        "ami-manifest-path": "(unknown)",
        "autoscaling": {"target-lifecycle-state": facts["target_state"]} if facts.get("target_state") else None,
        "events": _events(facts.get("interruption")),
        "hostname": instance["PrivateDnsName"],
        "iam": _iam(facts, credentials) if facts["profile"] else None,
        "instance-action": "none",
        "instance-id": instance["InstanceId"],
        "instance-life-cycle": instance.get("InstanceLifecycle", "on-demand"),
        "instance-type": instance["InstanceType"],
        "local-hostname": instance["PrivateDnsName"],
        "local-ipv4": instance["PrivateIpAddress"],
        "mac": facts["mac"],
        "network": {"interfaces": {"macs": {facts["mac"]: _interface(facts)}}},
        "placement": {"availability-zone": zone, "availability-zone-id": facts["zone_id"], "region": facts["region"]},
        "profile": "default-hvm",
        **{name: value or None for name, value in public.items()},
        "reservation-id": f"r-{instance['InstanceId'][2:]}",
        "security-groups": groups,
        "spot": _spot(facts.get("interruption")),
        "services": {"domain": "amazonaws.com", "partition": "aws"},
        "tags": _tags(facts),
    }


def _spot(interruption: dict | None) -> Node:
    """Return the notice of an interruption; there is no such path before."""
    if interruption is None:
        return None
    moment = _moment(interruption["due"])
    return {"instance-action": json.dumps({"action": "terminate", "time": moment}), "termination-time": moment}


def _events(interruption: dict | None) -> Node:
    """Return the recommendation to rebalance, which comes with the notice at the latest."""
    if interruption is None:
        return None
    return {"recommendations": {"rebalance": json.dumps({"noticeTime": _moment(interruption["told"])})}}


def _moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def _tags(facts: dict) -> Node:
    """Return the instance's tags where the launch allows it; one with a slash has no path."""
    if facts["instance"].get("MetadataOptions", {}).get("InstanceMetadataTags") != "enabled":
        return None
    return {"instance": {key: value for key, value in facts["tags"].items() if "/" not in key}}


def _iam(facts: dict, credentials: Callable[[], dict | None]) -> dict[str, Node]:
    info = {
        "Code": "Success",
        "LastUpdated": facts["instance"]["LaunchTime"],
        "InstanceProfileArn": facts["profile"]["Arn"],
        "InstanceProfileId": facts["profile"]["InstanceProfileId"],
    }

    def document() -> str | None:
        found = credentials()
        return json.dumps(found, indent=2) if found else None

    role = facts["role"]
    return {"info": json.dumps(info, indent=2), "security-credentials": {role: document} if role else {}}


def _interface(facts: dict) -> dict[str, Node]:
    instance = facts["instance"]
    return {
        "device-number": "0",
        "interface-id": facts["interface"],
        "local-hostname": instance["PrivateDnsName"],
        "local-ipv4s": instance["PrivateIpAddress"],
        "mac": facts["mac"],
        "owner-id": facts["account"],
        "security-group-ids": "\n".join(group["GroupId"] for group in instance["SecurityGroups"]),
        "security-groups": "\n".join(group["GroupName"] for group in instance["SecurityGroups"]),
        "subnet-id": instance["SubnetId"],
        "subnet-ipv4-cidr-block": facts["subnet_cidr"],
        "vpc-id": instance["VpcId"],
        "vpc-ipv4-cidr-block": facts["vpc_cidr"],
    }


def _identity(facts: dict) -> dict:
    instance = facts["instance"]
    return {
        "accountId": facts["account"],
        "architecture": instance["Architecture"],
        "availabilityZone": instance["Placement"]["AvailabilityZone"],
        "imageId": instance["ImageId"],
        "instanceId": instance["InstanceId"],
        "instanceType": instance["InstanceType"],
        "pendingTime": instance["LaunchTime"],
        "privateIp": instance["PrivateIpAddress"],
        "region": facts["region"],
        "version": "2017-09-30",
    }


def _user_data(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return encoded.encode()
