# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Policies are what IAM understands, and no wider than they look, in parliament's judgement."""

from __future__ import annotations

import importlib.util
import json
import sys
import types
from pathlib import Path

import pytest

from tests.policies.accepted import Accepted
from tests.policies.documents import bucket_policies, identity_policies, key_policies, trust_policies

ACCEPTED = Accepted(Path(__file__).parent / "accepted.yml")
_ON_A_RESOURCE = key_policies() | trust_policies()
DOCUMENTS = identity_policies() | bucket_policies() | _ON_A_RESOURCE


@pytest.fixture(scope="module")
def parliament():
    """parliament 1.6.4 asks pkg_resources for the path of its own files; setuptools no longer has that module."""
    stand_in = types.ModuleType("pkg_resources")
    stand_in.resource_filename = lambda package, name: str(Path(importlib.util.find_spec(package).origin).parent / name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "pkg_resources", stand_in)
        yield importlib.import_module("parliament")


def _findings(parliament, name: str, document: dict) -> list[tuple[str, str, str]]:
    """(statement, issue, detail) of every finding. Statement by statement, since parliament names them by column only."""
    found = []
    for statement in document["Statement"]:
        judged = statement | ({"Resource": "*"} if "Resource" not in statement else {})
        policy = parliament.analyze_policy_string(json.dumps(document | {"Statement": [judged]}))
        for finding in policy.findings:
            if finding.issue == "RESOURCE_STAR" and name in _ON_A_RESOURCE:
                continue  # there "*" is the key or the role that the policy stands on
            found.append((statement.get("Sid", ""), finding.issue, str(finding.detail)))
    return found


def _accepted(name: str, sid: str, issue: str, detail: str) -> bool:
    return ACCEPTED.explain(document=name, sid=sid, issue=issue, detail=detail)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_policy(parliament, name):
    unexplained = [finding for finding in _findings(parliament, name, DOCUMENTS[name]) if not _accepted(name, *finding)]
    assert unexplained == []


def test_every_explanation_is_still_needed(parliament):
    for name, document in DOCUMENTS.items():
        for finding in _findings(parliament, name, document):
            _accepted(name, *finding)
    assert ACCEPTED.unneeded() == []


def test_a_fault_is_found(parliament):
    statement = {
        "Sid": "X",
        "Effect": "Allow",
        "Action": ["s3:GetObjects", "s3:GetObject"],
        "Resource": "arn:aws:s3:::b",
    }
    issues = {issue for _, issue, _ in _findings(parliament, "x", {"Version": "2012-10-17", "Statement": [statement]})}
    assert issues == {"UNKNOWN_ACTION"}
    right = statement | {"Action": ["s3:GetObject"]}
    issues = {issue for _, issue, _ in _findings(parliament, "x", {"Version": "2012-10-17", "Statement": [right]})}
    assert issues == {"RESOURCE_MISMATCH"}
