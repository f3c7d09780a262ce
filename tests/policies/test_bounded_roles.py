# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The roles of flow logs and of replication have the boundary of the tiers' roles, which leaves them what they need."""

from __future__ import annotations

import pytest
import yaml

from lab.settings import CHECKOUT
from tests.policies.documents import ACCOUNT, REGIONS, identity_policies
from tests.policies.escalations.judge import Principal

_POLICIES = identity_policies()
_EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


_NEEDED = [
    pytest.param(action, resource, id=f"{name}: {action} {resource}")
    for name in ("flow-logs", "storage-replication")
    for statement in _POLICIES[name]["Statement"]
    for action in _listed(statement["Action"])
    for resource in _listed(statement["Resource"])
]


@pytest.mark.parametrize(("action", "resource"), _NEEDED)
def test_the_boundary_leaves_what_is_needed(action, resource):
    role = Principal(f"arn:aws:iam::{ACCOUNT}:role/kc-test-storage-replication", [_EVERYTHING], _POLICIES["boundary"])
    assert all(role.may(action, resource, {}, region) for region in REGIONS)


@pytest.mark.parametrize(
    ("role", "setting"), [("network", "network_flow_logs_boundary"), ("storage", "storage_replication_boundary")]
)
def test_they_have_it_by_default(role, setting):
    defaults = yaml.safe_load((CHECKOUT / "roles" / role / "defaults" / "main.yml").read_text())
    assert defaults[setting].endswith("-operator-roles-boundary")
    tasks = (CHECKOUT / "roles" / role / "tasks" / "account.yml").read_text()
    assert f'boundary: "{{{{ {setting} or omit }}}}"' in tasks
