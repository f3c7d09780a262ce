# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import time

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import retrying
from botocore.exceptions import ClientError


class Service:
    """Answer with error codes, then with success."""

    def __init__(self, *codes: str):
        self.codes = list(codes)

    def call(self, name: str) -> str:
        if self.codes:
            raise ClientError({"Error": {"Code": self.codes.pop(0)}}, "Call")
        return name


@pytest.fixture(autouse=True)
def pauses(monkeypatch):
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    return slept


def test_a_call_is_repeated_while_the_codes_are_answered(pauses):
    assert retrying(Service("A", "B", "A").call, "A", "B", timeout=5)("x") == "x"
    assert pauses == [1.0] * 3


def test_another_code_is_an_error_at_once(pauses):
    with pytest.raises(ClientError, match="C"):
        retrying(Service("A", "C").call, "A", timeout=5)("x")
    assert pauses == [1.0]


def test_it_ends_after_the_time_out(pauses):
    with pytest.raises(ClientError):
        retrying(Service(*"AAAAA").call, "A", timeout=2)("x")
    assert pauses == [1.0] * 2
    with pytest.raises(ClientError):
        retrying(Service("A").call, "A", timeout=0)("x")
