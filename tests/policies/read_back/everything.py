# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""All that an environment consists of and Checkov has checks for."""

from __future__ import annotations

from collections.abc import Callable

from tests.policies.read_back.buckets import buckets
from tests.policies.read_back.databases import databases
from tests.policies.read_back.identities import managed_policies, roles
from tests.policies.read_back.instances import instances
from tests.policies.read_back.keys import keys
from tests.policies.read_back.launch_templates import launch_templates
from tests.policies.read_back.load_balancers import load_balancers, target_groups
from tests.policies.read_back.log_groups import log_groups
from tests.policies.read_back.queues import queues
from tests.policies.read_back.scaling_groups import scaling_groups
from tests.policies.read_back.secrets import secrets
from tests.policies.read_back.security_groups import security_groups
from tests.policies.read_back.tables import tables
from tests.policies.read_back.web import certificates, web_acls
from tests.policies.template import Resource

# Where AWS keeps what an account has once.
ACCOUNT_REGION = "us-east-1"


def everything(client: Callable, prefix: str, region: str) -> list[Resource]:
    """The resources in the region whose names begin so; client(service, region) gives boto3's clients."""
    ec2, elb = client("ec2", region), client("elbv2", region)
    found = [
        *buckets(client("s3", region), prefix, region),
        *keys(client("kms", region), prefix),
        *security_groups(ec2, prefix),
        *launch_templates(ec2, prefix),
        *instances(ec2, prefix),
        *scaling_groups(client("autoscaling", region), prefix),
        *load_balancers(elb, prefix),
        *target_groups(elb, prefix),
        *queues(client("sqs", region), prefix),
        *secrets(client("secretsmanager", region), prefix),
        *log_groups(client("logs", region), prefix),
        *tables(client("dynamodb", region), prefix),
        *databases(client("rds", region), prefix),
        *web_acls(client("wafv2", region), prefix, "REGIONAL"),
        *certificates(client("acm", region), prefix),
    ]
    if region == ACCOUNT_REGION:
        iam = client("iam", region)
        found += [
            *roles(iam, prefix),
            *managed_policies(iam, prefix),
            *web_acls(client("wafv2", region), prefix, "CLOUDFRONT"),
        ]
    return found
