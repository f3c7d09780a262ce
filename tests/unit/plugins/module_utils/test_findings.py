# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import (
    Finding,
    Verdict,
    is_unavailable,
    judge,
)
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError, SSLError


def verdict(kind: str, *, check_mode: bool, skip: bool) -> str:
    result = judge([Finding(kind, "x", "text.")], check_mode=check_mode, skip_unavailable=skip)
    if result.problems:
        return "problem"
    return "skipped" if result.skipped else "warning"


@pytest.mark.parametrize(
    ("kind", "run", "run_skip", "check", "check_skip"),
    [
        ("wrong", "problem", "problem", "problem", "problem"),
        ("not_yet", "problem", "problem", "warning", "warning"),
        ("not_yet_elsewhere", "problem", "skipped", "warning", "skipped"),
        ("unreachable", "problem", "skipped", "problem", "skipped"),
    ],
)
def test_what_a_finding_means(kind, run, run_skip, check, check_skip):
    assert verdict(kind, check_mode=False, skip=False) == run
    assert verdict(kind, check_mode=False, skip=True) == run_skip
    assert verdict(kind, check_mode=True, skip=False) == check
    assert verdict(kind, check_mode=True, skip=True) == check_skip


def test_all_problems_are_reported_once_each():
    findings = [Finding("wrong", "a", "First."), Finding("wrong", "b", "Second."), Finding("wrong", "c", "First.")]
    with pytest.raises(PlatformError) as caught:
        judge(findings, check_mode=False, skip_unavailable=False).enforce()
    assert str(caught.value) == "2 problems, and nothing was changed: (1) First. (2) Second."


def test_one_problem_is_a_plain_sentence_and_none_is_silent():
    with pytest.raises(PlatformError, match=r"^First\. Nothing was changed\.$"):
        Verdict(problems=("First.",)).enforce()
    Verdict(warnings=("w",), skipped=frozenset({"a"})).enforce()


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (EndpointConnectionError(endpoint_url="https://x"), True),
        (ConnectTimeoutError(endpoint_url="https://x"), True),
        (ReadTimeoutError(endpoint_url="https://x"), True),
        (SSLError(endpoint_url="https://x", error="unknown authority"), False),
        (ClientError({"Error": {"Code": "503"}}, "HeadBucket"), True),
        (ClientError({"Error": {"Code": "AccessDenied"}}, "HeadBucket"), False),
    ],
)
def test_which_errors_say_that_a_region_is_unavailable(error, expected):
    assert is_unavailable(error) == expected
