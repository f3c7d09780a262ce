# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import dataclasses
import json

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms.model import Call, Key, Options
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms_keys.checks import (
    check_absent,
    check_entries,
    check_present,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms_keys.model import (
    Observed,
    Wanted,
    plan_key,
)

KEY_ID = "0a1b2c3d-0000-1111-2222-333344445555"
ARN = f"arn:aws:kms:me-west-1:111122223333:key/{KEY_ID}"
TAGS = {"Name": "kc-data", "managed-by": "us", "tier": "security"}
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": ["kms:a", "kms:b"]}]}
KEY = Key(KEY_ID, ARN, "Enabled", description="text", tags=TAGS, policy=POLICY, rotation_days=365)
PRESENT, ABSENT = Options(), Options(present=False, deletion_window=7)
ENTRY = {
    "alias": "kc-data",
    "description": "text",
    "tags": TAGS,
    "policy": json.dumps(POLICY),
    "rotation_days": 365,
    "multi_region": False,
}
WANTED = Wanted.from_options(ENTRY, ["Name", "managed-by"])
NAMED = {"KeyId": KEY_ID}


def _key(**changed) -> Key:
    return dataclasses.replace(KEY, **changed)


def _calls(wanted: Wanted, observed: Observed, options: Options = PRESENT) -> list[Call]:
    return [call for change in plan_key(wanted, observed, options) for call in change.data]


def _actions(observed: Observed, options: Options = PRESENT) -> list[tuple[str, str]]:
    return [(change.action, change.resource) for change in plan_key(WANTED, observed, options)]


def test_an_entry_becomes_what_is_wanted():
    assert Wanted("alias/kc-data", "text", TAGS, POLICY, 365, False, {"Name": "kc-data", "managed-by": "us"}) == WANTED


def test_what_is_as_wanted_needs_nothing():
    assert _actions(Observed(KEY)) == []


def test_a_new_key_is_made_with_its_tags_before_its_alias():
    assert _actions(Observed()) == [("create", "key of alias/kc-data"), ("create", "alias/kc-data")]
    create, rotate, name = _calls(WANTED, Observed())
    assert create.arguments["Tags"][0] == {"TagKey": "Name", "TagValue": "kc-data"}
    assert "MultiRegion" not in create.arguments
    assert rotate.of_key("new") == Call("EnableKeyRotation", {"KeyId": "new", "RotationPeriodInDays": 365})
    assert name.of_key("new") == Call("CreateAlias", {"AliasName": "alias/kc-data", "TargetKeyId": "new"})
    create, _name = _calls(dataclasses.replace(WANTED, multi_region=True, rotation_days=0), Observed())
    assert create.arguments["MultiRegion"] is True


@pytest.mark.parametrize(
    ("changed", "made"),
    [
        ({"state": "Disabled"}, ["EnableKey"]),
        ({"state": "PendingDeletion", "rotation_days": 0}, ["CancelKeyDeletion", "EnableKey", "EnableKeyRotation"]),
        ({"state": "PendingReplicaDeletion"}, ["CancelKeyDeletion", "EnableKey"]),
        ({"rotation_days": 0}, ["EnableKeyRotation"]),
        ({"rotation_days": 180}, ["EnableKeyRotation"]),
        ({"description": "old"}, ["UpdateKeyDescription"]),
        ({"tags": {**TAGS, "extra": "x"}}, ["UntagResource"]),
        ({"tags": {**TAGS, "tier": "other"}}, ["TagResource"]),
        ({"policy": {**POLICY, "Statement": []}}, ["PutKeyPolicy"]),
        ({"state": "Creating"}, []),
    ],
)
def test_each_property_is_brought_back(changed, made):
    observed = Observed(_key(**changed))
    assert [call.operation for call in _calls(WANTED, observed)] == made
    assert _actions(observed) == ([("update", "key of alias/kc-data")] if made else [])


def test_rotation_can_be_turned_off():
    off = dataclasses.replace(WANTED, rotation_days=0)
    assert _calls(off, Observed(KEY)) == [Call("DisableKeyRotation", NAMED)]


def test_policies_that_mean_the_same_are_the_same():
    statement = POLICY["Statement"][0] | {"Action": ["kms:b", "kms:a"]}
    assert _actions(Observed(_key(policy={**POLICY, "Statement": [statement]}))) == []


def test_a_run_that_was_interrupted_before_the_alias_is_completed():
    observed = Observed(orphans=(KEY,))
    assert _actions(observed) == [("create", "alias/kc-data")]
    assert _calls(WANTED, observed) == [Call("CreateAlias", {"AliasName": "alias/kc-data", "TargetKeyId": KEY_ID})]


def test_of_several_orphans_the_oldest_that_can_be_used_is_taken():
    waiting = _key(key_id="w", state="PendingDeletion", created=1.0)
    younger, older = _key(key_id="y", created=3.0), _key(key_id="o", created=2.0)
    assert Observed(orphans=(waiting, younger, older)).key == older
    assert Observed(orphans=(waiting,)).key == waiting


def test_removal_schedules_every_key_and_leaves_what_waits():
    orphan = _key(key_id="s", arn="arn:s")
    observed = Observed(KEY, (orphan, _key(state="PendingDeletion")))
    assert _actions(observed, ABSENT) == [("delete", "key of alias/kc-data"), ("delete", "key of alias/kc-data: arn:s")]
    assert _calls(WANTED, observed, ABSENT)[0] == Call(
        "ScheduleKeyDeletion", {"KeyId": KEY_ID, "PendingWindowInDays": 7}
    )
    assert _actions(Observed(_key(state="PendingReplicaDeletion")), ABSENT) == []


@pytest.mark.parametrize(
    ("observed", "text"),
    [
        (Observed(_key(tags={"Name": "kc-data"})), "somebody else's"),
        (Observed(_key(role="PRIMARY")), "can't become a single-Region key"),
        (Observed(_key(role="REPLICA", primary_arn="arn:p")), "is a replica of arn:p"),
        (Observed(_key(origin="EXTERNAL")), "does not rotate"),
        (Observed(_key(spec="RSA_2048")), "does not rotate"),
        (Observed(_key(state="Updating")), "is Updating"),
        (Observed(orphans=(_key(role="PRIMARY"),)), "can't become a single-Region key"),
    ],
)
def test_what_is_in_the_way(observed, text):
    findings = check_present(WANTED, observed)
    assert len(findings) == 1
    assert text in findings[0].text


def test_a_single_region_key_does_not_become_another():
    assert (
        "can't become a multi-Region key"
        in check_present(dataclasses.replace(WANTED, multi_region=True), Observed(KEY))[0].text
    )


def test_nothing_is_in_the_way_of_what_is_ours_or_not_there():
    assert check_present(WANTED, Observed(KEY)) == check_present(WANTED, Observed()) == []
    assert check_absent(WANTED, Observed(KEY)) == check_absent(WANTED, Observed()) == []
    assert check_present(Wanted("alias/kc-data"), Observed(_key(tags={}))) == []


def test_a_key_of_somebody_else_is_not_removed():
    assert "is not changed" in check_absent(WANTED, Observed(_key(tags={})))[0].text


def test_entries_are_judged_by_themselves():
    entries = [Wanted("alias/aws/s3"), Wanted("alias/a", rotation_days=30), Wanted("alias/b"), Wanted("alias/b")]
    texts = [finding.text for finding in check_entries(entries)]
    assert len(texts) == 3
    assert "is AWS's" in texts[0]
    assert "90 to 2560" in texts[1]
    assert "stated 2 times" in texts[2]
