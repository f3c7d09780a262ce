# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from tests.support.answers import error_code


def aws_behaviour(clients) -> bool:
    """An entry reads back with its ports or its ICMP type, and its number is taken."""
    ec2 = clients("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.61.0.0/16")["Vpc"]["VpcId"]
    acl = ec2.create_network_acl(VpcId=vpc)["NetworkAcl"]["NetworkAclId"]
    entry = {"NetworkAclId": acl, "RuleAction": "allow", "Egress": False, "CidrBlock": "10.0.0.0/8"}
    ec2.create_network_acl_entry(RuleNumber=100, Protocol="6", PortRange={"From": 443, "To": 444}, **entry)
    ec2.create_network_acl_entry(RuleNumber=110, Protocol="1", IcmpTypeCode={"Type": 3, "Code": 4}, **entry)
    again = error_code(ec2.create_network_acl_entry, RuleNumber=100, Protocol="-1", **entry)
    found = ec2.describe_network_acls(NetworkAclIds=[acl])["NetworkAcls"][0]["Entries"]
    by_number = {entry["RuleNumber"]: entry for entry in found}
    return (
        by_number[100].get("PortRange") == {"From": 443, "To": 444}
        and by_number[110].get("IcmpTypeCode") == {"Type": 3, "Code": 4}
        and again == "NetworkAclEntryAlreadyExists"
    )


def test_network_acl_entries(patched_only):
    patched_only("ec2.network_acl_entries", aws_behaviour)
