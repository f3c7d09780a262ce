# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Choose bases, find faults in chains, and remove and copy chains."""

from __future__ import annotations

import dataclasses
import datetime

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.base import choose
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.copied import Both, plan_copied
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.model import (
    REQUEST,
    StoredObject,
    chain,
    list_faults,
    needed_by,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.note import (
    noted_faults,
    noted_methods,
    noted_uncompared,
    with_faults,
    with_proof,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.removed import plan_absent
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.retention import (
    foreign,
    kept,
    to_remove,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.unfinished import (
    Clock,
    Server,
    judge,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError

from tests.support.backups import NOW, SELECTION, backup, by_name

FULL = backup("full", days=3)
FIRST = backup("first", base=FULL, days=2)
SECOND = backup("second", base=FIRST, days=1)
CHAIN = by_name(FULL, FIRST, SECOND)
CLOCK = Clock(NOW, 600)


def test_a_sound_chain_has_no_fault():
    assert chain(CHAIN, "second") == ["second", "first", "full"]
    assert needed_by(CHAIN, "full") == ["first", "second"]
    assert list_faults(CHAIN, "second") == []


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (by_name(backup("full", own=None), FIRST, SECOND), "full: data/d/t/full_0/data.bin is missing"),
        (by_name(backup("full", own=9), FIRST, SECOND), "data.bin has 9 bytes instead of 10"),
        (by_name(FIRST, SECOND), "first: its base full is missing"),
        (
            by_name(dataclasses.replace(FULL, metadata=dataclasses.replace(FULL.metadata, uuid="x")), FIRST, SECOND),
            "first: its base full was taken anew since",
        ),
        (
            by_name(FULL, dataclasses.replace(FIRST, metadata=dataclasses.replace(FIRST.metadata, files=())), SECOND),
            "second: its base first does not hold data/d/t/first_0/data.bin",
        ),
        (by_name(dataclasses.replace(FULL, metadata=None, fault="cut off"), FIRST, SECOND), "full: cut off"),
    ],
)
def test_each_fault_of_a_base_is_one_of_what_is_built_on_it(broken, said):
    assert any(said in fault for fault in list_faults(broken, "second"))


def test_the_newest_sound_backup_of_the_same_selection_with_room_is_the_base():
    other = backup("other", selection={"databases": ["x"]})
    backups = CHAIN | by_name(other)
    assert choose(backups, "new", SELECTION, "auto", 4) == "second"
    assert choose(backups, "new", SELECTION, "auto", 3) is None, "the chain is full: a new one begins"
    assert choose(backups, "new", SELECTION, "none", 9) is None
    assert choose(backups, "new", {"databases": ["y"]}, "auto", 9) is None
    assert choose(backups, "new", SELECTION, "first", 3) == "first"


def test_nothing_is_built_on_a_broken_base():
    broken = by_name(FULL, FIRST, backup("second", base=FIRST, days=1, own=None))
    assert choose(broken, "new", SELECTION, "auto", 9) == "first"
    with pytest.raises(ValueError, match="second is not sound"):
        choose(broken, "new", SELECTION, "second", 9)
    with pytest.raises(ValueError, match="a chain of 3 backups"):
        choose(broken, "new", SELECTION, "first", 2)
    with pytest.raises(ValueError, match="no backup nowhere"):
        choose(broken, "new", SELECTION, "nowhere", 2)


def test_retention_keeps_every_base_of_what_it_keeps():
    lone = backup("lone", days=20)
    backups = CHAIN | by_name(lone)
    assert kept(backups, NOW, 1, None) == {"second", "first", "full"}
    assert to_remove(backups, NOW, 1, None) == ["lone"]
    assert to_remove(backups, NOW, None, 30) == []
    assert to_remove(backups, NOW, 4, None) == []


def test_retention_removes_a_chain_from_its_end():
    newest = backup("newest")
    assert to_remove(CHAIN | by_name(newest), NOW, 1, None) == ["second", "first", "full"]


def test_a_broken_backup_does_not_displace_a_sound_one():
    broken = backup("broken", own=None)
    backups = CHAIN | by_name(broken)
    assert to_remove(backups, NOW, 1, None) == ["broken"]


def test_what_was_never_finished_goes_once_nobody_wrote_to_it_for_a_day():
    def unfinished(name, days):
        whole = backup(name, days=days)
        objects = {key: item for key, item in whole.objects.items() if key != ".backup"}
        return dataclasses.replace(whole, metadata=None, objects=objects)

    backups = CHAIN | by_name(unfinished("left", 1.1), unfinished("running", 0.9))
    assert to_remove(backups, NOW, 3, None) == ["left"]


@pytest.mark.parametrize(
    "request_",
    [
        None,
        {},
        {"id": "id-theirs"},
        {"selection": SELECTION},
        {"id": "", "selection": SELECTION},
        {"id": 1, "selection": []},
    ],
)
def test_what_somebody_else_put_beside_the_backups_is_left(request_):
    """A finished BACKUP of a person, and another tool's folder, which has no description."""
    theirs = dataclasses.replace(backup("theirs", days=90), request=request_)
    folder = dataclasses.replace(theirs, name="folder", metadata=None, objects={"part": theirs.objects[".backup"]})
    backups = by_name(backup("old", days=60), backup("new"), theirs, folder)
    assert to_remove(backups, NOW, 1, None) == ["old"]
    assert foreign(backups) == ["folder", "theirs"]


def test_what_is_not_ours_displaces_nothing_and_keeps_its_base():
    base = backup("base", days=3)
    theirs = dataclasses.replace(backup("theirs", base=base), request=None)
    backups = by_name(base, backup("lone", days=2), backup("sound", days=1), theirs)
    assert kept(backups, NOW, 1, None) == {"sound", "theirs", "base"}
    assert to_remove(backups, NOW, 1, None) == ["lone"]


def test_a_base_in_use_is_not_removed():
    with pytest.raises(PlatformError, match="is the base of first, second"):
        plan_absent(CHAIN, "full", CLOCK)
    assert [change.action for change in plan_absent(CHAIN, "second", CLOCK)] == ["delete"]
    assert plan_absent(CHAIN, "nowhere", CLOCK) == []


def test_what_the_module_did_not_make_is_not_removed_by_its_name_and_not_completed_by_a_copy():
    theirs = dataclasses.replace(backup("theirs"), request=None)
    folder = dataclasses.replace(theirs, name="full", metadata=None, objects={"part": theirs.objects[".backup"]})
    with pytest.raises(PlatformError, match="theirs was not made by this module"):
        plan_absent(by_name(theirs), "theirs", CLOCK)
    with pytest.raises(PlatformError, match="there holds full, which was not made by this module"):
        plan_copied("full", Both(CHAIN, by_name(folder)), "there")


def found_bad(item, method="bytes", days=0.0):
    return dataclasses.replace(
        item, verified=with_faults(item, method, NOW - datetime.timedelta(days=days), ["a fault"])
    )


def test_nothing_is_built_on_a_chain_in_which_a_fault_was_found():
    backups = by_name(FULL, FIRST, found_bad(SECOND))
    assert choose(backups, "new", SELECTION, "auto", 9) is None, "the damage may be in any backup of the chain"
    with pytest.raises(ValueError, match="a verification found faults in first or its chain"):
        choose(backups, "new", SELECTION, "first", 9)
    lone = backup("lone", days=2.5)
    assert choose(backups | by_name(lone), "new", SELECTION, "auto", 9) == "lone"


def test_what_was_found_bad_displaces_no_sound_backup_and_stays_until_there_is_a_newer_one():
    bad, sound = found_bad(backup("bad", days=1)), backup("sound", days=2)
    assert kept(by_name(bad, sound), NOW, 1, None) == {"sound", "bad"}
    assert to_remove(by_name(bad, sound, backup("newer")), NOW, 1, None) == ["bad", "sound"]
    assert to_remove(by_name(bad), NOW, 1, None) == []


def test_a_later_finding_of_the_method_counts_and_no_earlier_proof_is_erased():
    proven = dataclasses.replace(FULL, verified=with_proof(FULL, "scratch", NOW - datetime.timedelta(days=2), {}))
    bad = found_bad(proven, "scratch", days=1)
    assert noted_methods(proven) == bad.verified["methods"], "the proof is still noted"
    assert (noted_faults(bad), noted_methods(bad)) == (["a fault"], {})
    again = dataclasses.replace(bad, verified=with_proof(bad, "scratch", NOW, {"d.t": "why"}))
    assert noted_faults(again) == []
    assert noted_methods(again) == {"scratch": NOW.isoformat()}
    assert noted_uncompared(again) == {"d.t": "why"}
    other = dataclasses.replace(again, metadata=dataclasses.replace(again.metadata, uuid="another"))
    assert (noted_methods(other), noted_uncompared(other)) == ({}, {})


def test_what_is_being_written_is_not_removed():
    def unfinished(age):
        written = StoredObject(5, NOW - datetime.timedelta(seconds=age))
        return by_name(dataclasses.replace(FULL, metadata=None, objects={REQUEST: written}))

    with pytest.raises(PlatformError, match="full is unfinished, and was written to less than"):
        plan_absent(unfinished(5), "full", CLOCK)
    assert [change.action for change in plan_absent(unfinished(601), "full", CLOCK)] == ["delete"]


def test_a_copy_begins_with_the_full_backup_and_is_not_made_twice():
    changes = plan_copied("second", Both(CHAIN, {}), "there")
    assert [change.after["name"] for change in changes] == ["full", "first", "second"]
    assert plan_copied("second", Both(CHAIN, CHAIN), "there") == []
    cut_off = {key: item for key, item in FIRST.objects.items() if key != ".backup"}
    half = CHAIN | by_name(dataclasses.replace(FIRST, objects=cut_off, metadata=None))
    assert [change.after for change in plan_copied("second", Both(CHAIN, half), "t")] == [
        {"name": "first", "objects": 1}
    ]
    taken = by_name(dataclasses.replace(FULL, metadata=dataclasses.replace(FULL.metadata, uuid="x")))
    with pytest.raises(PlatformError, match="holds another backup of the name full"):
        plan_copied("second", Both(CHAIN, taken), "there")


@pytest.mark.parametrize(
    ("server", "age", "verdict"),
    [
        (Server("h", 9999, frozenset(["i"])), 5, "running"),
        (Server("h", 9999, frozenset()), 5, "starting"),
        (Server("h", 9999, frozenset()), 60, "stale"),
        (Server("h", 2, frozenset()), 5, "stale"),  # restarted since
        (Server("other", 2, frozenset()), 60, "foreign"),
        (Server("other", 2, frozenset()), 601, "stale"),
    ],
)
def test_what_an_unfinished_backup_is(server, age, verdict):
    written = StoredObject(5, NOW - datetime.timedelta(seconds=age))
    unfinished = dataclasses.replace(FULL, metadata=None, objects={REQUEST: written}, request={"id": "i", "host": "h"})
    assert judge(unfinished, server, Clock(NOW, 600)) == verdict
