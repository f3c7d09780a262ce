# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Create a network with what other roles look for by name, in place of role network, which takes as long as all of them.

python -m tests.support.small_network present NAME REGION CIDR
python -m tests.support.small_network absent NAME REGION
"""

from __future__ import annotations

import itertools
import json
import os
import sys
from ipaddress import ip_network
from typing import Any

import boto3


def make_network(ec2, name: str, region: str, cidr: str) -> bool:
    """Create a VPC with subnets of each kind in three zones, and the security groups; False where it is there already."""
    if _vpcs(ec2, name):
        return False
    vpc = ec2.create_vpc(CidrBlock=cidr, **_named("vpc", name))["Vpc"]["VpcId"]
    places = itertools.product(("private", "public", "data"), "abc")
    for (kind, zone), block in zip(places, ip_network(cidr).subnets(new_prefix=20), strict=False):
        ec2.create_subnet(
            VpcId=vpc,
            CidrBlock=str(block),
            AvailabilityZone=f"{region}{zone}",
            **_named("subnet", f"{name}-{kind}-{zone}"),
        )
    for tier in ("media", "alb", "runner", "database"):
        group = f"{name}-{tier}"
        ec2.create_security_group(GroupName=group, Description=group, VpcId=vpc)
    return True


def remove_network(ec2, name: str) -> bool:
    """Remove the network; False where there is none."""
    found = _vpcs(ec2, name)
    for vpc in found:
        of_vpc = [{"Name": "vpc-id", "Values": [vpc]}]
        for subnet in ec2.describe_subnets(Filters=of_vpc)["Subnets"]:
            ec2.delete_subnet(SubnetId=subnet["SubnetId"])
        for group in ec2.describe_security_groups(Filters=of_vpc)["SecurityGroups"]:
            if group["GroupName"] != "default":
                ec2.delete_security_group(GroupId=group["GroupId"])
        ec2.delete_vpc(VpcId=vpc)
    return bool(found)


def _vpcs(ec2, name: str) -> list[str]:
    found = ec2.describe_vpcs(Filters=[{"Name": "tag:Name", "Values": [name]}])["Vpcs"]
    return [vpc["VpcId"] for vpc in found]


def _named(kind: str, name: str) -> dict[str, Any]:
    return {"TagSpecifications": [{"ResourceType": kind, "Tags": [{"Key": "Name", "Value": name}]}]}


def main(state: str, name: str, region: str, *cidr: str) -> None:
    ec2 = boto3.client("ec2", region_name=region, endpoint_url=json.loads(os.environ["LAB_ENDPOINTS"])[region])
    changed = make_network(ec2, name, region, *cidr) if state == "present" else remove_network(ec2, name)
    print("changed" if changed else "as it was")


if __name__ == "__main__":
    main(*sys.argv[1:])
