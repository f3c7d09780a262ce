# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import dataclasses
import json

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms.model import Call, Key, Options
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms_replica_key.model import (
    Observed,
    Wanted,
    plan_key,
)

KEY_ID = "mrk-1234abcd12ab34cd56ef1234567890ab"
ARN = f"arn:aws:kms:me-west-1:111122223333:key/{KEY_ID}"
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": ["kms:a", "kms:b"]}]}
WANTED = Wanted("alias/primary", "me-west-1", "eu-central-1", "alias/replica", "text", {"a": "1"}, POLICY, True)
PRIMARY = Key(KEY_ID, ARN, "Enabled", "PRIMARY", ARN)
REPLICA = Key(
    KEY_ID, ARN.replace("me-west-1", "eu-central-1"), "Enabled", "REPLICA", ARN, "AWS_KMS", "text", {"a": "1"}, POLICY
)
CONVERGED = Observed(PRIMARY, REPLICA, KEY_ID)
PRESENT = Options()
ABSENT = Options(present=False, deletion_window=7)


def options(**changed) -> dict:
    base = {"primary": "primary", "replica_region": "eu-central-1", "alias": "replica", "enabled": True}
    return base | {"description": None, "tags": None, "policy": None} | changed


def observed(**changed) -> Observed:
    return dataclasses.replace(CONVERGED, replica=dataclasses.replace(REPLICA, **changed))


def wanted(**changed) -> Wanted:
    return dataclasses.replace(WANTED, **changed)


def calls_of(entry: Wanted, current: Observed, given: Options) -> list[Call]:
    """Return the calls in the replica's region."""
    return [call for change in plan_key(entry, current, given) for call in change.data.calls]


def replicate(entry: Wanted) -> Call:
    return plan_key(entry, Observed(PRIMARY), PRESENT)[0].data.replicate


def operations(calls: list[Call]) -> list[str]:
    return [call.operation for call in calls]


@pytest.mark.parametrize(
    ("given", "primary", "region", "key_id"),
    [
        ("storage", "alias/storage", "me-west-1", None),
        ("alias/storage", "alias/storage", "me-west-1", None),
        (KEY_ID, KEY_ID, "me-west-1", KEY_ID),
        ("1234abcd-12ab-34cd-56ef-1234567890ab",) * 2 + ("me-west-1", "1234abcd-12ab-34cd-56ef-1234567890ab"),
        (ARN.replace("me-west-1", "us-east-1"),) * 2 + ("us-east-1", KEY_ID),
        ("arn:aws:kms:us-east-1:111122223333:alias/storage",) * 2 + ("us-east-1", None),
    ],
)
def test_how_a_primary_may_be_named(given, primary, region, key_id):
    entry = Wanted.from_options(options(primary=given), "me-west-1")
    assert (entry.primary, entry.primary_region, entry.key_id) == (primary, region, key_id)
    assert entry.alias == "alias/replica"


def test_options_become_plain_data():
    entry = Wanted.from_options(options(tags={"year": 2026}, policy=json.dumps(POLICY)), "me-west-1")
    assert entry.tags == {"year": "2026"}
    assert entry.policy == POLICY
    with pytest.raises(ValueError, match="Expecting"):
        Wanted.from_options(options(policy="{no json"), "me-west-1")


def test_what_is_as_wanted_needs_nothing():
    assert plan_key(WANTED, CONVERGED, PRESENT) == []
    assert calls_of(WANTED, CONVERGED, PRESENT) == []


def test_a_missing_replica_is_created_and_then_its_alias():
    changes = plan_key(WANTED, Observed(PRIMARY), PRESENT)
    assert [(change.action, change.resource, change.before) for change in changes] == [
        ("create", "replica of alias/primary in eu-central-1", None),
        ("create", "alias/replica in eu-central-1", None),
    ]
    assert changes[0].after == {"State": "Enabled", "Description": "text", "Tags": {"a": "1"}, "Policy": POLICY}


def test_the_call_that_creates_has_all_but_the_alias():
    call = replicate(WANTED)
    assert call.operation == "ReplicateKey"
    assert json.loads(call.arguments.pop("Policy")) == POLICY
    assert call.arguments == {
        "KeyId": KEY_ID,
        "ReplicaRegion": "eu-central-1",
        "Description": "text",
        "Tags": [{"TagKey": "a", "TagValue": "1"}],
    }
    bare = replicate(wanted(description=None, tags=None, policy=None))
    assert bare.arguments == {"KeyId": KEY_ID, "ReplicaRegion": "eu-central-1"}


def test_a_run_that_was_interrupted_before_the_alias_is_completed():
    interrupted = dataclasses.replace(CONVERGED, alias_key_id=None)
    assert [change.resource for change in plan_key(WANTED, interrupted, PRESENT)] == ["alias/replica in eu-central-1"]
    assert calls_of(WANTED, interrupted, PRESENT) == [
        Call("CreateAlias", {"AliasName": "alias/replica", "TargetKeyId": KEY_ID})
    ]


@pytest.mark.parametrize(
    ("held", "before", "after", "calls"),
    [
        ({"state": "Disabled"}, {"State": "Disabled"}, {"State": "Enabled"}, ["EnableKey"]),
        (
            {"state": "PendingDeletion"},
            {"State": "PendingDeletion"},
            {"State": "Enabled"},
            ["CancelKeyDeletion", "EnableKey"],
        ),
        ({"description": "old"}, {"Description": "old"}, {"Description": "text"}, ["UpdateKeyDescription"]),
        ({"tags": {"a": "0"}}, {"Tags": {"a": "0"}}, {"Tags": {"a": "1"}}, ["TagResource"]),
        ({"tags": {"a": "1", "b": "2"}}, {"Tags": {"a": "1", "b": "2"}}, {"Tags": {"a": "1"}}, ["UntagResource"]),
        ({"policy": {}}, {"Policy": {}}, {"Policy": POLICY}, ["PutKeyPolicy"]),
        ({"state": "Creating"}, None, None, []),
    ],
)
def test_each_property_is_brought_back_by_itself(held, before, after, calls):
    current = observed(**held)
    assert [(change.before, change.after) for change in plan_key(WANTED, current, PRESENT)] == (
        [(before, after)] if after else []
    )
    assert operations(calls_of(WANTED, current, PRESENT)) == calls


def test_a_key_pending_deletion_is_brought_back_before_anything_else_is_changed():
    current = observed(state="PendingDeletion", description="old", tags={}, policy={})
    expected = ["CancelKeyDeletion", "EnableKey", "UpdateKeyDescription", "TagResource", "PutKeyPolicy"]
    assert operations(calls_of(WANTED, current, PRESENT)) == expected


def test_a_replica_can_be_kept_disabled():
    off = wanted(enabled=False)
    assert operations(calls_of(off, CONVERGED, PRESENT)) == ["DisableKey"]
    assert plan_key(off, observed(state="Disabled"), PRESENT) == []
    assert operations(calls_of(off, observed(state="PendingDeletion"), PRESENT)) == ["CancelKeyDeletion", "DisableKey"]


def test_what_is_not_stated_is_left_as_it_is():
    silent = wanted(description=None, tags=None, policy=None)
    assert plan_key(silent, observed(description="x", tags={"x": "y"}, policy={"a": "b"}), PRESENT) == []
    assert plan_key(wanted(description=""), CONVERGED, PRESENT)[0].after == {"Description": ""}
    assert plan_key(wanted(tags={}), CONVERGED, PRESENT)[0].after == {"Tags": {}}


def test_tags_that_are_not_named_stay_where_they_are_not_purged():
    current = observed(tags={"a": "0", "b": "2"})
    kept = Options(purge_tags=False)
    assert plan_key(WANTED, current, kept)[0].after == {"Tags": {"a": "1", "b": "2"}}
    assert operations(calls_of(WANTED, current, kept)) == ["TagResource"]


def test_policies_that_mean_the_same_are_the_same():
    statement = POLICY["Statement"][0]
    rewritten = {
        "Statement": statement | {"Action": ["kms:b", "kms:a"], "Principal": {"AWS": "*"}},
        "Version": "2012-10-17",
    }
    assert plan_key(wanted(policy=rewritten), CONVERGED, PRESENT) == []
    assert plan_key(wanted(policy={"Version": "2012-10-17", "Statement": []}), CONVERGED, PRESENT) != []


def test_absent_takes_the_alias_and_schedules_the_deletion():
    changes = plan_key(WANTED, CONVERGED, ABSENT)
    assert [(change.action, change.resource) for change in changes] == [
        ("delete", "replica of alias/primary in eu-central-1"),
        ("delete", "alias/replica in eu-central-1"),
    ]
    assert changes[0].after == {"State": "PendingDeletion", "PendingWindowInDays": 7}
    assert calls_of(WANTED, CONVERGED, ABSENT) == [
        Call("ScheduleKeyDeletion", {"KeyId": KEY_ID, "PendingWindowInDays": 7}),
        Call("DeleteAlias", {"AliasName": "alias/replica"}),
    ]


@pytest.mark.parametrize(
    ("current", "calls"),
    [
        (Observed(PRIMARY), None),
        (Observed(PRIMARY, None, "some-other-key"), None),
        (Observed(PRIMARY, dataclasses.replace(REPLICA, state="PendingDeletion")), []),
        (Observed(PRIMARY, dataclasses.replace(REPLICA, state="PendingDeletion"), KEY_ID), ["DeleteAlias"]),
        (Observed(PRIMARY, REPLICA, "some-other-key"), ["ScheduleKeyDeletion"]),
        (Observed(None, REPLICA, KEY_ID), ["ScheduleKeyDeletion", "DeleteAlias"]),
    ],
)
def test_absent_removes_what_is_left_and_nothing_of_others(current, calls):
    assert len(plan_key(WANTED, current, ABSENT)) == len(calls or [])
    if calls is not None:
        assert operations(calls_of(WANTED, current, ABSENT)) == calls
