# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import uuid

from tests.support.answers import error_code


def aws_behaviour(clients) -> bool:
    """Addresses are found by tag and by PublicIp, and by nothing else."""
    ec2, tier = clients("ec2"), uuid.uuid4().hex
    tags = [{"ResourceType": "elastic-ip", "Tags": [{"Key": "tier", "Value": tier}]}]
    ours = ec2.allocate_address(Domain="vpc", TagSpecifications=tags)
    other = ec2.allocate_address(Domain="vpc")
    by_tag = ec2.describe_addresses(Filters=[{"Name": "tag:tier", "Values": [tier]}])["Addresses"]
    by_ip = ec2.describe_addresses(PublicIps=[other["PublicIp"]])["Addresses"]
    return (
        [item["AllocationId"] for item in by_tag] == [ours["AllocationId"]]
        and [item["AllocationId"] for item in by_ip] == [other["AllocationId"]]
        and error_code(ec2.describe_addresses, PublicIps=["198.51.100.9"]) == "InvalidAddress.NotFound"
    )


def test_addresses_filtered(patched_only):
    patched_only("ec2.addresses_filtered", aws_behaviour)
