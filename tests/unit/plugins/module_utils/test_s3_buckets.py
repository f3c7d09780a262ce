# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._s3_buckets.model import (
    Bucket,
    desired_settings,
    identity,
    normal_rules,
    plan_absent,
    plan_present,
    refuse_foreign,
    with_system_tags,
)

POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Deny", "Principal": "*", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "*"}],
}
RULE = {
    "id": "noncurrent",
    "enabled": True,
    "prefix": "",
    "expire_days": None,
    "expire_delete_markers": True,
    "noncurrent_expire_days": 30,
    "noncurrent_keep": None,
    "abort_multipart_days": None,
    "transitions": [],
}
WANTED = {
    "name": "b",
    "block_public_access": True,
    "object_ownership": "BucketOwnerEnforced",
    "policy": POLICY,
    "encryption": {"algorithm": "aws:kms", "kms_key_id": "arn:key", "bucket_key": True},
    "versioning": True,
    "tags": {"tier": "storage"},
    "lifecycle": [RULE],
    "access_log": {"bucket": "logs", "prefix": "b/"},
}


def _as_wanted(**changed):
    return Bucket("b", True, desired_settings(WANTED) | changed)


def _steps(changes):
    return [(change.action, change.resource) for change in changes]


def test_a_bucket_as_wanted_needs_nothing():
    assert plan_present([_as_wanted()], [WANTED]) == []


def test_a_new_bucket_is_closed_before_anything_else_and_logs_last():
    steps = _steps(plan_present([Bucket("b", False)], [WANTED]))
    assert steps == [
        ("create", "bucket b"),
        ("set", "public access block of bucket b"),
        ("set", "object ownership of bucket b"),
        ("set", "policy of bucket b"),
        ("set", "encryption of bucket b"),
        ("set", "versioning of bucket b"),
        ("set", "tags of bucket b"),
        ("set", "lifecycle of bucket b"),
        ("set", "access log of bucket b"),
    ]


def test_each_setting_that_differs_is_one_change():
    found = _as_wanted(versioning=None, encryption={"algorithm": "AES256", "kms_key_id": None, "bucket_key": False})
    changes = plan_present([found], [WANTED])
    assert _steps(changes) == [("set", "encryption of bucket b"), ("set", "versioning of bucket b")]
    assert changes[0].before["algorithm"] == "AES256"
    assert changes[0].after["kms_key_id"] == "arn:key"


def test_a_policy_in_another_spelling_is_the_same():
    spelled = {"Version": "2012-10-17", "Statement": [dict(POLICY["Statement"][0])]}
    spelled["Statement"][0] |= {
        "Action": ["s3:PutObject", "s3:GetObject"],
        "Resource": ["*"],
        "Principal": {"AWS": "*"},
    }
    assert plan_present([_as_wanted(policy=spelled)], [WANTED]) == []
    spelled["Statement"][0] |= {"Action": "s3:GetObject"}
    assert _steps(plan_present([_as_wanted(policy=spelled)], [WANTED])) == [("set", "policy of bucket b")]


def test_tags_of_aws_are_neither_a_difference_nor_lost():
    assert plan_present([_as_wanted(tags={"tier": "storage", "aws:cloudformation:stack": "x"})], [WANTED]) == []
    assert _steps(plan_present([_as_wanted(tags={"tier": "storage", "more": "x"})], [WANTED])) == [
        ("set", "tags of bucket b")
    ]
    assert with_system_tags({"aws:x": "1", "old": "2"}, {"tier": "storage"}) == {"aws:x": "1", "tier": "storage"}


def test_what_is_not_given_is_left_as_it_is():
    assert plan_present([_as_wanted()], [{"name": "b", "policy": None, "tags": None, "lifecycle": None}]) == []


def test_empty_values_remove():
    wanted = {"name": "b", "policy": {}, "lifecycle": [], "access_log": {"bucket": "", "prefix": ""}}
    assert _steps(plan_present([_as_wanted()], [wanted])) == [
        ("remove", "policy of bucket b"),
        ("remove", "lifecycle of bucket b"),
        ("remove", "access log of bucket b"),
    ]
    bare = Bucket("b", True, {"policy": None, "lifecycle": [], "access log": None})
    assert plan_present([bare], [wanted]) == []
    assert _steps(plan_present([Bucket("b", False)], [wanted])) == [("create", "bucket b")]


def test_rules_are_the_same_in_any_order_and_with_either_spelling_of_the_whole_bucket():
    one = {"ID": "a", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}
    two = {
        "ID": "b",
        "Status": "Enabled",
        "Filter": {"Prefix": "x/"},
        "Transitions": [{"Days": 9, "StorageClass": "GLACIER"}, {"Days": 1, "StorageClass": "STANDARD_IA"}],
    }
    as_answered = [dict(two, Transitions=two["Transitions"][::-1]), dict(one, Filter={})]
    assert normal_rules(as_answered) == normal_rules([one, two])
    old_style = {"ID": "a", "Status": "Enabled", "Prefix": "", "Expiration": {"Days": 1}}
    assert normal_rules([old_style]) == normal_rules([one])
    assert normal_rules([dict(old_style, Prefix="y/")]) != normal_rules([one])


def test_removal():
    found = [Bucket("gone", False), Bucket("full", True, holds_objects=True), Bucket("bare", True)]
    with pytest.raises(PlatformError, match=r"full.*Nothing was removed"):
        plan_absent(found, force=False)
    assert _steps(plan_absent(found, force=True)) == [("delete", "bucket full"), ("delete", "bucket bare")]
    assert plan_absent([Bucket("gone", False)], force=False) == []


OURS = {"platform": "kc", "environment": "prod"}


def test_the_identity_is_of_tags_that_the_entry_has():
    tags = OURS | {"tier": "storage"}
    assert identity({"name": "b", "tags": tags}, ["platform", "environment", "managed-by"]) == OURS
    assert identity({"name": "b", "tags": None}, ["platform"]) == {}


@pytest.mark.parametrize(
    ("tags", "holds_objects"),
    [
        (OURS | {"environment": "prod-eu"}, False),
        (OURS | {"environment": "prod-eu"}, True),
        (None, True),
        ({"platform": "kc"}, True),
    ],
)
def test_a_bucket_of_another_platform_is_neither_changed_nor_emptied(tags, holds_objects):
    bucket = Bucket("b", True, {"tags": tags}, holds_objects=holds_objects)
    with pytest.raises(PlatformError, match=r"platform=kc, environment=prod.*somebody else's: b\. Nothing was changed"):
        refuse_foreign([bucket], {"b": OURS})
    refuse_foreign([bucket], {"b": {}})


def test_a_bucket_that_a_killed_run_left_is_ours():
    refuse_foreign([Bucket("b", True, {"tags": None}), Bucket("c", False)], {"b": OURS, "c": OURS})
