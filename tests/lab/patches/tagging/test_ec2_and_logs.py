# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from tests.support.tagging import listed

TAGS = {"platform": "tagging-test"}


def aws_behaviour(clients) -> bool:
    """A tagged VPC and log group are listed in their region only, and no longer once they are deleted."""
    ec2, logs = clients("ec2"), clients("logs")
    pairs = [{"Key": key, "Value": value} for key, value in TAGS.items()]
    vpc = ec2.create_vpc(CidrBlock="10.99.0.0/16", TagSpecifications=[{"ResourceType": "vpc", "Tags": pairs}])["Vpc"]
    logs.create_log_group(logGroupName="tagging-test", tags=TAGS)
    before, elsewhere = listed(clients, "me-west-1", TAGS), listed(clients, "eu-central-1", TAGS)
    ec2.delete_vpc(VpcId=vpc["VpcId"])
    logs.delete_log_group(logGroupName="tagging-test")
    after = listed(clients, "me-west-1", TAGS)
    return sorted(arn.split(":")[2] for arn in before) == ["ec2", "logs"] and not elsewhere and not after


def test_tagging_ec2_and_logs(patched_only):
    patched_only("tagging.ec2_and_logs", aws_behaviour)
