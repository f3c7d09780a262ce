# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Plan which secrets a region lacks."""

from __future__ import annotations

from ansible_collections.knowledgecity.platform.plugins.module_utils._secret_replicas.model import Secret, check, plan


def test_only_what_a_region_lacks_is_replicated():
    secrets = [Secret("p/a", frozenset({"eu-central-1"})), Secret("p/b", frozenset({"us-east-1"}))]
    (change,) = plan(secrets, {"eu-central-1": "alias/k"})
    assert (change.name, change.region, change.after) == ("p/b", "eu-central-1", {"kms_key": "alias/k"})
    assert plan(secrets[:1], {"eu-central-1": None}) == []


def test_bad_options_are_found():
    assert "every secret" in check("", {"eu-central-1": None}, "me-west-1")[0].text
    assert "me-west-1" in check("p/", {"me-west-1": None}, "me-west-1")[0].text
    assert check("p/", {"eu-central-1": None}, "me-west-1") == []
