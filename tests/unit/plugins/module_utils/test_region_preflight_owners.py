# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._answers import Answer
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_preflight.owners import (
    key_tags,
    overlap_findings,
    owner_findings,
    platforms,
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


def listed(service: str, **tags: str) -> dict:
    return {
        "ResourceARN": f"arn:aws:{service}:me-west-1:1:x",
        "Tags": [{"Key": k, "Value": v} for k, v in tags.items()],
    }


def test_platforms_are_known_by_what_is_built_of_them():
    class Tagging:
        def get_paginator(self, _operation):
            return self

        def paginate(self, TagFilters):  # noqa: N803 (botocore's name)
            assert TagFilters == [{"Key": "managed-by", "Values": ["knowledgecity.platform"]}]
            there = [
                listed("ec2", platform="kc", environment="prod"),
                listed("kms", platform="kc", environment="gone"),
                listed("sqs", platform="kc"),
            ]
            return [{"ResourceTagMappingList": there[:2]}, {"ResourceTagMappingList": there[2:]}]

    assert platforms(Tagging())() == {("kc", "prod")}


@pytest.mark.parametrize(
    ("own", "others", "refused"),
    [
        (("kc", "prod"), {("kc", "prod-eu")}, True),
        (("kc", "prod-eu"), {("kc", "prod")}, True),
        (("kc-prod", "eu"), {("kc", "prod-eu")}, True),
        (("kc", "prod"), {("kc", "production"), ("kc", "staging"), ("kcx", "prod")}, False),
        (("kc", "prod"), {("kc", "prod")}, False),
    ],
)
def test_a_name_that_another_one_begins_with_is_refused(own, others, refused):
    tags = dict(zip(("platform", "environment"), own, strict=True))
    found = list(overlap_findings(Answer(value=others), tags))
    assert [each.warning for each in found] == [False] * refused
    built = list(overlap_findings(Answer(value=others | {own}), tags))
    assert all(each.warning for each in built), "one that is built can't be renamed"
    assert not list(overlap_findings(Answer(error=ValueError()), tags))
