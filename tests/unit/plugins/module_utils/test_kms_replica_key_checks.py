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
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms_replica_key.model import Seen, Wanted

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
    "seen",
    [
        Seen(PRIMARY),
        Seen(primary(state="Disabled")),
        Seen(PRIMARY, REPLICA, KEY_ID),
        Seen(PRIMARY, replica(state="Creating")),
        Seen(PRIMARY, replica(state="PendingDeletion"), KEY_ID),
        Seen(primary(state="PendingReplicaDeletion"), REPLICA, KEY_ID),  # the replica can still be looked after
    ],
)
def test_what_is_no_obstacle(seen):
    assert check_present(WANTED, seen) == []


@pytest.mark.parametrize(
    ("seen", "kind", "text"),
    [
        (Seen(None), "not_yet_elsewhere", "no key alias/primary in me-west-1"),
        (Seen(primary(role=None)), "wrong", "single-Region key"),
        (Seen(primary(role="REPLICA", primary_arn="arn:other")), "wrong", "Name its primary: arn:other"),
        (Seen(primary(state="PendingDeletion")), "wrong", "is PendingDeletion"),
        (Seen(primary(state="PendingReplicaDeletion")), "wrong", "is PendingReplicaDeletion"),
        (Seen(primary(state="Updating"), REPLICA, KEY_ID), "wrong", "is Updating"),
        (Seen(primary(origin="EXTERNAL")), "wrong", "imported key material"),
        (Seen(PRIMARY, replica(state="Updating"), KEY_ID), "wrong", "Wait until that is over"),
        (Seen(PRIMARY, None, "another-key"), "wrong", "already stands for the key another-key"),
        (Seen(PRIMARY, REPLICA, "another-key"), "wrong", "already stands for the key another-key"),
        (
            Seen(PRIMARY, unreachable=(("eu-central-1", "no answer"),)),
            "unreachable",
            "eu-central-1 can't be read: no answer",
        ),
    ],
)
def test_what_is_in_the_way(seen, kind, text):
    (finding,) = check_present(WANTED, seen)
    assert (finding.kind, finding.subject) == (kind, "replica of alias/primary in eu-central-1")
    assert text in finding.text


def test_several_obstacles_of_one_entry_are_all_found():
    assert len(check_present(WANTED, Seen(primary(role=None), None, "another-key"))) == 2


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
    (finding,) = check_absent(WANTED, Seen(None, replica(role="PRIMARY"), KEY_ID))
    assert "is no replica" in finding.text
    assert check_absent(WANTED, Seen(None, REPLICA, "another-key")) == []
    assert check_absent(WANTED, Seen(None)) == []
    (finding,) = check_absent(WANTED, Seen(None, unreachable=(("eu-central-1", "no answer"),)))
    assert finding.kind == "unreachable"
