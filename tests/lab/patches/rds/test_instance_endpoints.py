# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from tests.support.answers import error_code

_NAME = "endpoints"
_ASKED = {
    "DBInstanceIdentifier": _NAME,
    "DBInstanceClass": "db.t4g.micro",
    "Engine": "mysql",
    "AllocatedStorage": 20,
    "MasterUsername": "admin",
    "MasterUserPassword": "unused-password",
    "MultiAZ": True,
}


def aws_behaviour(clients) -> bool:
    """An instance has a name of its own, an address of its subnet group while it lives, and its standby in another zone."""
    ec2, rds = clients("ec2"), clients("rds")
    vpc = ec2.create_vpc(CidrBlock="10.95.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.95.{number}.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for number, zone in enumerate(("me-west-1a", "me-west-1b"))
    ]
    for name, members in (("one-zone", subnets[:1]), ("two-zones", subnets)):
        rds.create_db_subnet_group(DBSubnetGroupName=name, DBSubnetGroupDescription=name, SubnetIds=members)
    refused = (
        error_code(rds.create_db_instance, DBSubnetGroupName="none", **_ASKED) == "DBSubnetGroupNotFoundFault"
        and error_code(rds.create_db_instance, DBSubnetGroupName="one-zone", **_ASKED)
        == "DBSubnetGroupDoesNotCoverEnoughAZs"
    )
    if not refused:
        return False
    rds.create_db_instance(DBSubnetGroupName="two-zones", **_ASKED)
    shown = rds.describe_db_instances(DBInstanceIdentifier=_NAME)["DBInstances"][0]
    held = error_code(ec2.delete_subnet, SubnetId=subnets[0]) == "DependencyViolation"
    rds.delete_db_instance(DBInstanceIdentifier=_NAME, SkipFinalSnapshot=True)
    ec2.delete_subnet(SubnetId=subnets[0])
    host, port = shown["Endpoint"]["Address"], shown["Endpoint"]["Port"]
    return (
        held
        and host.startswith(f"{_NAME}.c")
        and host.endswith(".me-west-1.rds.amazonaws.com")
        and port == 3306
        and {shown["AvailabilityZone"], shown["SecondaryAvailabilityZone"]} == {"me-west-1a", "me-west-1b"}
    )


def test_rds_instance_endpoints(patched_only):
    patched_only("rds.instance_endpoints", aws_behaviour)
