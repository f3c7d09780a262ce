# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import dataclasses

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_record.model import (
    Copy,
    Record,
    Writer,
    plan_copies,
    unseen,
    winner,
)

FIRST = Record(1, "me-west-1", None, "2026-11-22T09:00:00+00:00", "first build", None)
SECOND = dataclasses.replace(FIRST, epoch=2, active_region="eu-central-1", reason="failover")


def copies(me: Record | str | None, eu: Record | str | None) -> list[Copy]:
    def copy(region: str, held: Record | str | None) -> Copy:
        if isinstance(held, str):
            return Copy(region, held, error="no answer" if held == "unreadable" else None)
        return Copy(region, "present" if held else "absent", held)

    return [copy("me-west-1", me), copy("eu-central-1", eu)]


@pytest.mark.parametrize(
    ("me", "eu", "expected"),
    [
        (None, None, None),
        (FIRST, None, FIRST),
        (FIRST, SECOND, SECOND),
        (SECOND, FIRST, SECOND),
        (SECOND, SECOND, SECOND),
        ("unreadable", FIRST, FIRST),
        ("no_table", "unreadable", None),
    ],
)
def test_the_highest_epoch_wins(me, eu, expected):
    assert winner(copies(me, eu)) == expected


@pytest.mark.parametrize("field", ["active_region", "writer_endpoint", "since", "reason", "journal"])
def test_two_contents_under_one_epoch_stop_everything(field):
    other = dataclasses.replace(SECOND, **{field: "something else"})
    with pytest.raises(PlatformError, match="two contents under epoch 2") as caught:
        plan_copies(copies(SECOND, other), FIRST)
    assert "something else" in str(caught.value)
    assert "Nothing was changed" in str(caught.value)


def test_a_conflict_below_the_winner_is_no_conflict():
    third = dataclasses.replace(SECOND, epoch=3)
    other = dataclasses.replace(SECOND, reason="something else")
    held = [Copy("a", "present", SECOND), Copy("b", "present", other), Copy("c", "present", third)]
    assert [(change.region, change.after["epoch"]) for change in plan_copies(held, FIRST)] == [("a", 3), ("b", 3)]


def test_the_first_record_is_written_everywhere_where_no_copy_holds_one():
    changes = plan_copies(copies(None, None), FIRST)
    assert [(change.action, change.region, change.before, change.after) for change in changes] == [
        ("create", "me-west-1", None, FIRST.as_dict()),
        ("create", "eu-central-1", None, FIRST.as_dict()),
    ]


def test_no_first_record_while_a_region_can_not_be_seen():
    assert plan_copies(copies(None, "unreadable"), FIRST) == []


def test_a_first_record_needs_no_table_elsewhere():
    assert [change.region for change in plan_copies(copies(None, "no_table"), FIRST)] == ["me-west-1"]


def test_a_stale_copy_is_healed_and_the_active_region_stays():
    (change,) = plan_copies(copies(FIRST, SECOND), FIRST)
    assert (change.action, change.region) == ("update", "me-west-1")
    assert (change.before, change.after) == (FIRST.as_dict(), SECOND.as_dict())


def test_a_copy_that_is_missing_is_written_from_the_other():
    (change,) = plan_copies(copies(SECOND, None), FIRST)
    assert (change.action, change.region, change.after) == ("create", "eu-central-1", SECOND.as_dict())


def test_copies_that_agree_need_nothing():
    assert plan_copies(copies(SECOND, SECOND), FIRST) == []


def test_what_can_not_be_seen_is_said():
    (warning,) = unseen(copies(SECOND, "unreadable"))
    assert "eu-central-1" in warning
    assert "no answer" in warning
    assert unseen(copies(SECOND, None)) == []


WRITER = Writer("me-west-1", "main.me-west-1.rds.amazonaws.com", "2026-11-25T09:00:00+00:00")


def test_a_writer_that_the_record_does_not_know_is_written_under_the_next_epoch():
    changes = plan_copies(copies(FIRST, FIRST), FIRST, WRITER)
    assert [change.after["epoch"] for change in changes] == [2, 2]
    assert {change.after["writer_endpoint"] for change in changes} == {WRITER.endpoint}
    known = Record(**changes[0].after)
    assert plan_copies(copies(known, known), FIRST, WRITER) == []


def test_a_writer_of_a_region_that_is_not_active_changes_nothing():
    assert plan_copies(copies(SECOND, SECOND), FIRST, WRITER) == []


def test_a_writer_is_not_written_while_a_copy_can_not_be_read():
    assert plan_copies(copies(FIRST, "unreadable"), FIRST, WRITER) == []
