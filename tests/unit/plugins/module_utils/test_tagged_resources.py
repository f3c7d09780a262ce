# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""What GetResources lists is asked of its own API, and another platform's IAM entries are left out."""

from __future__ import annotations

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._tagged_resources_info import store as module
from ansible_collections.knowledgecity.platform.plugins.module_utils._tagged_resources_info.kinds import KINDS, kind_of
from ansible_collections.knowledgecity.platform.plugins.module_utils._tagged_resources_info.store import (
    TaggedResources,
    settle,
)
from botocore import xform_name
from botocore.exceptions import ClientError
from botocore.session import get_session

IN = "me-west-1:111122223333"


class Account:
    """Answers by operation; an answer that is text is an error's code."""

    def __init__(self, **answers):
        self._answers = answers

    def get_paginator(self, operation: str):
        account = self

        class Pages:
            def paginate(self, **_arguments):
                return [account._answers.get(operation, {})] if operation in account._answers else []

        return Pages()

    def __getattr__(self, operation: str):
        def call(**arguments):
            answer = self._answers[operation]
            answer = answer(arguments) if callable(answer) else answer
            if isinstance(answer, str):
                raise ClientError({"Error": {"Code": answer}}, operation)
            return answer

        return call


def status(arn: str, **answers) -> str:
    listed = {"ResourceTagMappingList": [{"ResourceARN": arn, "Tags": [{"Key": "platform", "Value": "kc"}]}]}
    account = Account(get_resources=listed, **answers)
    (found,) = TaggedResources(lambda _service: account, "me-west-1").find({"platform": "kc"})
    assert (found["arn"], found["tags"]) == (arn, {"platform": "kc"})
    return found["status"]


@pytest.mark.parametrize(
    ("arn", "answers", "said"),
    [
        (f"arn:aws:ec2:{IN}:volume/vol-1", {"describe_volumes": "InvalidVolume.NotFound"}, "gone"),
        (f"arn:aws:ec2:{IN}:volume/vol-1", {"describe_volumes": {"Volumes": [{"State": "deleting"}]}}, "gone"),
        (f"arn:aws:ec2:{IN}:volume/vol-1", {"describe_volumes": {"Volumes": [{"State": "in-use"}]}}, "present"),
        (f"arn:aws:ec2:{IN}:volume/vol-1", {"describe_volumes": "UnauthorizedOperation"}, "listed"),
        (f"arn:aws:ec2:{IN}:vpc-flow-log/fl-1", {"describe_flow_logs": {"FlowLogs": []}}, "gone"),
        (f"arn:aws:eks:{IN}:cluster/one", {}, "listed"),
        ("arn:aws:route53:::hostedzone/Z1", {"get_hosted_zone": "NoSuchHostedZone"}, "gone"),
        ("arn:aws:route53:::hostedzone/Z1", {"get_hosted_zone": {"HostedZone": {}}}, "present"),
        ("arn:aws:s3:::kc-media", {"head_bucket": "404"}, "gone"),
        ("arn:aws:s3:::kc-media", {"head_bucket": {}}, "present"),
        (f"arn:aws:elasticloadbalancing:{IN}:listener/app/a/b/c", {"describe_listeners": "ListenerNotFound"}, "gone"),
        (f"arn:aws:sqs:{IN}:kc-media", {"get_queue_url": "AWS.SimpleQueueService.NonExistentQueue"}, "gone"),
        (f"arn:aws:rds:{IN}:snapshot:kc-final", {"describe_db_snapshots": "DBSnapshotNotFound"}, "gone"),
        (
            f"arn:aws:rds:{IN}:db:kc",
            {"describe_db_instances": {"DBInstances": [{"DBInstanceStatus": "deleting"}]}},
            "gone",
        ),
        (f"arn:aws:wafv2:{IN}:regional/webacl/kc/1", {"list_tags_for_resource": "WAFNonexistentItemException"}, "gone"),
        (
            f"arn:aws:logs:{IN}:log-group:/kc/one:*",
            {"describe_log_groups": {"logGroups": [{"logGroupName": "/kc/one-more"}]}},
            "gone",
        ),
        (
            f"arn:aws:kms:{IN}:key/1",
            {"describe_key": {"KeyMetadata": {"KeyState": "PendingReplicaDeletion"}}},
            "pending_deletion",
        ),
        (
            f"arn:aws:secretsmanager:{IN}:secret:kc/database/master-AbCdEf",
            {"describe_secret": {"DeletedDate": "today"}},
            "pending_deletion",
        ),
        (
            f"arn:aws:ec2:{IN}:instance/i-1",
            {"describe_instances": {"Reservations": [{"Instances": [{"State": {"Name": "terminated"}}]}]}},
            "gone",
        ),
    ],
)
def test_a_resource_is_as_its_own_api_says(arn, answers, said):
    assert status(arn, **answers) == said


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.title)
def test_what_is_asked_is_what_botocore_knows(kind):
    """The operation, its parameter, and whether that is a list."""
    model = get_session().get_service_model(kind.service)
    operation = next(name for name in model.operation_names if xform_name(name) == kind.operation)
    parameter = model.operation_model(operation).input_shape.members[kind.argument]
    assert (parameter.type_name == "list") == kind.argument.endswith("s")


def test_the_identity_is_what_comes_after_the_kind():
    named = {
        f"arn:aws:elasticloadbalancing:{IN}:loadbalancer/app/kc/1": "app/kc/1",
        f"arn:aws:logs:{IN}:log-group:/aws/kc:*": "/aws/kc",
        f"arn:aws:rds:{IN}:snapshot:rds:kc-2026": "rds:kc-2026",
        f"arn:aws:sqs:{IN}:kc-media-dead": "kc-media-dead",
    }
    assert {arn: kind_of(arn)[1] for arn in named} == named


def test_iam_entries_of_another_platform_are_left_out():
    def role(arguments):
        name = arguments["RoleName"]
        environment = {"kc-prod-me-runner": "prod", "kc-prod-eu-me-runner": "prod-eu"}.get(name)
        if name == "kc-prod-went":
            return "NoSuchEntity"
        if name == "kc-prod-hidden":
            return "AccessDenied"
        tags = [{"Key": "platform", "Value": "kc"}, {"Key": "environment", "Value": environment}] if environment else []
        return {"Role": {"Tags": tags}}

    names = [
        "kc-prod-me-runner",
        "kc-prod-eu-me-runner",
        "kc-prod-untagged",
        "kc-prod-went",
        "kc-prod-hidden",
        "kc-other",
    ]
    listed = {"Roles": [{"RoleName": name, "Arn": f"arn:aws:iam::1:role/{name}"} for name in names]}
    account = Account(list_roles=listed, get_role=role)
    found = TaggedResources(lambda _service: account, "me-west-1").find_iam(
        "kc-prod-", {"platform": "kc", "environment": "prod"}
    )
    assert [each["arn"].rpartition("/")[2] for each in found] == [
        "kc-prod-me-runner",
        "kc-prod-untagged",
        "kc-prod-hidden",
    ]


def test_what_lags_is_awaited_and_what_is_kept_is_not(monkeypatch):
    monkeypatch.setattr(module, "_BETWEEN_LOOKS", 0)
    looks = iter([["a", "kept-1"], ["a"], ["kept-1"]])

    def look():
        return [{"arn": arn, "status": "present"} for arn in next(looks)]

    assert settle(look, kept=["kept-*"], timeout=30) == [{"arn": "kept-1", "status": "present"}]
    assert settle(lambda: [{"arn": "a", "status": "listed"}], kept=[], timeout=0) == [{"arn": "a", "status": "listed"}]
    assert settle(lambda: [{"arn": "a", "status": "gone"}], kept=[], timeout=0) == [{"arn": "a", "status": "gone"}]
