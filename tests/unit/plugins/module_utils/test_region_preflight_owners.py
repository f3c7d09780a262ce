# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._answers import Answer
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_preflight.owners import (
    key_tags,
    owner_findings,
    role_tags,
)
from botocore.exceptions import ClientError

OWN = {"platform": "kc", "environment": "test"}


class Api:
    """Answers every call with `answer`, or raises the error of that code."""

    def __init__(self, answer: dict | str):
        self._answer = answer

    def _call(self, **_arguments):
        if isinstance(self._answer, str):
            raise ClientError({"Error": {"Code": self._answer}}, "Operation")
        return self._answer

    describe_key = get_role = _call

    def get_paginator(self, _operation):
        return self

    def paginate(self, **_arguments):
        return [{"Tags": [{"TagKey": "platform", "TagValue": "kc"}]}]


def test_what_is_free_has_no_tags():
    assert key_tags(Api("NotFoundException"), "alias/a")() is None
    assert role_tags(Api("NoSuchEntity"), "r")() is None


def test_tags_are_read_in_either_spelling():
    assert key_tags(Api({"KeyMetadata": {"KeyId": "k"}}), "alias/a")() == {"platform": "kc"}
    assert role_tags(Api({"Role": {"Tags": [{"Key": "platform", "Value": "kc"}]}}), "r")() == {"platform": "kc"}


def test_other_refusals_are_no_answer():
    with pytest.raises(ClientError):
        key_tags(Api("AccessDeniedException"), "alias/a")()
    with pytest.raises(ClientError):
        role_tags(Api("AccessDenied"), "r")()


def test_only_what_somebody_else_has_is_a_problem():
    answers = {
        "free": Answer(None),
        "ours": Answer(OWN | {"Name": "x"}),
        "theirs": Answer({"platform": "kc"}),
        "unknown": Answer(error=ValueError()),
    }
    (finding,) = owner_findings("key alias", answers, OWN)
    assert "key alias theirs" in finding.problem
    assert "environment=test" in finding.problem
    assert "hand it over" in finding.fix
