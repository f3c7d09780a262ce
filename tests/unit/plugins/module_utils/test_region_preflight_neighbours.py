# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Of two platforms of an account no name may be the beginning of the other's."""

from __future__ import annotations

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._answers import Answer
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_preflight.neighbours import (
    neighbour_findings,
    platforms,
)


class Iam:
    """Lists policies and roles of these names, as IAM does, in pages."""

    def __init__(self, policies: tuple[str, ...] = (), roles: tuple[str, ...] = ()):
        self._pages = {
            "list_policies": [{"Policies": [{"PolicyName": name}]} for name in policies],
            "list_roles": [{"Roles": [{"RoleName": name}]} for name in roles],
        }

    def get_paginator(self, operation):
        pages = self._pages[operation]
        return type("Paginator", (), {"paginate": lambda _self, **_arguments: pages})()


@pytest.mark.parametrize("other", ["kc-prod-eu", "kc"])
def test_a_name_that_begins_as_another_is_refused(other):
    (finding,) = neighbour_findings(Answer({"kc-prod", other, "academy-prod"}), "kc-prod")
    assert f"holds {other}." in finding.problem
    assert "hyphen" in finding.fix
    assert not finding.warning


@pytest.mark.parametrize("other", ["kc-prod", "kc-production", "kc-pro", "kc-staging", "academy"])
def test_other_names_are_let_be(other):
    assert list(neighbour_findings(Answer({other}), "kc-prod")) == []


def test_nobody_who_may_not_ask_is_stopped():
    assert list(neighbour_findings(Answer(error=ValueError()), "kc-prod")) == []


def test_platforms_are_known_by_their_boundary_and_by_roles():
    """Those of earlier versions have no boundary below the operators' path."""
    iam = Iam(
        ("kc-prod-operator-roles-boundary", "kc-prod-operator-identity"),
        ("kc-old-network-flow-logs", "kc-older-storage-replication", "kc-prod-me-west-1-runner", "Administrator"),
    )
    assert platforms(iam)() == {"kc-prod", "kc-old", "kc-older"}
