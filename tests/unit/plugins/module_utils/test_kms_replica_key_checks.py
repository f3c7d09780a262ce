# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import dataclasses

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms.model import Key
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms_replica_key.checks import (
    check_absent,
    check_entries,
    check_present,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms_replica_key.model import Observed, Wanted

KEY_ID = "mrk-1234abcd12ab34cd56ef1234567890ab"
ARN = f"arn:aws:kms:me-west-1:111122223333:key/{KEY_ID}"
WANTED = Wanted("alias/primary", "me-west-1", "eu-central-1", "alias/replica")
PRIMARY = Key(KEY_ID, ARN, "Enabled", "PRIMARY", ARN)
REPLICA = Key(KEY_ID, ARN.replace("me-west-1", "eu-central-1"), "Enabled", "REPLICA", ARN)


def primary(**changed) -> Key:
    return dataclasses.replace(PRIMARY, **changed)


def replica(**changed) -> Key:
    return dataclasses.replace(REPLICA, **changed)


@pytest.mark.parametrize(
    "observed",
    [
        Observed(PRIMARY),
        Observed(primary(state="Disabled")),
        Observed(PRIMARY, REPLICA, KEY_ID),
        Observed(PRIMARY, replica(state="Creating")),
        Observed(PRIMARY, replica(state="PendingDeletion"), KEY_ID),
        Observed(primary(state="PendingReplicaDeletion"), REPLICA, KEY_ID),  # the replica can still be looked after
    ],
)
def test_what_is_no_obstacle(observed):
    assert check_present(WANTED, observed) == []


@pytest.mark.parametrize(
    ("observed", "kind", "text"),
    [
        (Observed(None), "not_yet_elsewhere", "no key alias/primary in me-west-1"),
        (Observed(primary(role=None)), "wrong", "single-Region key"),
        (Observed(primary(role="REPLICA", primary_arn="arn:other")), "wrong", "Name its primary: arn:other"),
        (Observed(primary(state="PendingDeletion")), "wrong", "is PendingDeletion"),
        (Observed(primary(state="PendingReplicaDeletion")), "wrong", "is PendingReplicaDeletion"),
        (Observed(primary(state="Updating"), REPLICA, KEY_ID), "wrong", "is Updating"),
        (Observed(primary(origin="EXTERNAL")), "wrong", "imported key material"),
        (Observed(PRIMARY, replica(state="Updating"), KEY_ID), "wrong", "Wait until that is over"),
        (Observed(PRIMARY, None, "another-key"), "wrong", "already refers to the key another-key"),
        (Observed(PRIMARY, REPLICA, "another-key"), "wrong", "already refers to the key another-key"),
        (
            Observed(PRIMARY, unreachable=(("eu-central-1", "no answer"),)),
            "unreachable",
            "eu-central-1 can't be read: no answer",
        ),
    ],
)
def test_what_is_in_the_way(observed, kind, text):
    (finding,) = check_present(WANTED, observed)
    assert (finding.kind, finding.subject) == (kind, "replica of alias/primary in eu-central-1")
    assert text in finding.text


def test_several_obstacles_of_one_entry_are_all_found():
    assert len(check_present(WANTED, Observed(primary(role=None), None, "another-key"))) == 2


@pytest.mark.parametrize(
    ("entries", "text"),
    [
        ([dataclasses.replace(WANTED, replica_region="me-west-1")], "the primary's own region"),
        ([dataclasses.replace(WANTED, alias="alias/aws/s3")], "is AWS's"),
        ([WANTED, dataclasses.replace(WANTED, alias="alias/second")], "is stated 2 times"),
        ([WANTED, dataclasses.replace(WANTED, primary="alias/second")], "is stated for 2 replicas"),
    ],
)
def test_what_entries_get_wrong(entries, text):
    (finding,) = check_entries(entries)
    assert finding.kind == "wrong"
    assert text in finding.text


def test_the_same_alias_in_two_regions_is_sound():
    assert check_entries([WANTED, dataclasses.replace(WANTED, replica_region="eu-west-1")]) == []


def test_absent_never_touches_a_primary_and_needs_none():
    (finding,) = check_absent(WANTED, Observed(None, replica(role="PRIMARY"), KEY_ID))
    assert "is no replica" in finding.text
    assert check_absent(WANTED, Observed(None, REPLICA, "another-key")) == []
    assert check_absent(WANTED, Observed(None)) == []
    (finding,) = check_absent(WANTED, Observed(None, unreachable=(("eu-central-1", "no answer"),)))
    assert finding.kind == "unreachable"
