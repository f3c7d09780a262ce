# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Bare labs: each lacks a group of the emulator's patches, so that a test can show what the emulator does without its patch.

A behaviour must not rest on another patch of the same group: it would be missing for the other's sake, and nobody would see that
the patch itself is needless. What rests on patches of a group is in a later group. `test_groups.py` proves it (`make soak`).
"""

from __future__ import annotations

import contextlib
import ssl
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import operator
from lab.emulator.patches import ORDER
from lab.settings import ACCOUNT_ID, GLOBAL_REGION
from tests.support import labs
from tests.support.labs import Clients

# A region that the account has not enabled; these labs have an endpoint there too.
NOT_ENABLED = "ap-east-1"

# The groups after the first, which has all other patches.
_LATER = (
    frozenset(
        {
            "autoscaling.capacity_rebalance",
            "autoscaling.instance_protection",
            "autoscaling.instance_refresh",
            "autoscaling.lifecycle_hooks",
            "autoscaling.policies",
            "cloudwatch.queue_metrics",
            "ec2.resources_checked",
            "ec2.vpc_deletion_order",
            "elbv2.target_health",
            "kms.policy_principals",
            "kms.re_encrypt",
            "rds.backup_replications_described",
            "rds.engine_default_parameters",
            "tagging.deleted_listed",
        }
    ),
    frozenset(
        {
            "acm.validation",
            "autoscaling.metric_math",
            "autoscaling.mixed_instances",
            "autoscaling.target_groups",
            "ec2.instance_addresses",
            "kms.re_encrypt_checked",
            "rds.instance_endpoints",
            "route53.health_check_status",
        }
    ),
)


def group_of(patch: str) -> int:
    """The number of the group in which a patch is left out."""
    return next((number for number, group in enumerate(_LATER, 1) if patch in group), 0)


def members(group: int) -> list[str]:
    """The patches of a group."""
    return [patch for patch in ORDER if group_of(patch) == group]


@contextlib.contextmanager
def lab_with_all_regions(home: Path, without: str = "") -> Iterator[Clients]:
    """Run a lab that has an endpoint in a region which the account has not enabled, too."""
    with contextlib.ExitStack() as running:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(labs, "REGIONS", (*labs.REGIONS, NOT_ENABLED))
            clients = running.enter_context(labs.running_lab(home, without=without))
        yield clients


def emptied(clients: Clients) -> Clients:
    """Empty a lab's account, so that no test meets what another one left; only the administrator is there again."""
    stack = clients.stack
    endpoint, trust = stack.endpoints[GLOBAL_REGION], stack.settings.ca_certificate
    request = urllib.request.Request(f"{endpoint}/_ministack/reset", method="POST")
    with urllib.request.urlopen(request, timeout=30, context=ssl.create_default_context(cafile=str(trust))) as answer:
        assert answer.status == 200
    iam = operator.root(endpoint, trust, ACCOUNT_ID, GLOBAL_REGION)
    operator.ensure_administrator(iam, stack.settings.home / "administrator.json")
    return clients
