# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Plan which versions below a prefix come back."""

from __future__ import annotations

import dataclasses
import datetime

from ansible_collections.knowledgecity.platform.plugins.module_utils._s3_prefix_restore.model import (
    Version,
    Wanted,
    plan,
)

_NOON = datetime.datetime(2026, 3, 14, 12, tzinfo=datetime.UTC)
_WANTED = Wanted("media", "lesson-1/", _NOON, False)


def _version(
    minutes: int, name: str, key: str = "lesson-1/a", *, latest: bool = False, marker: bool = False
) -> Version:
    return Version(key, name, _NOON + datetime.timedelta(minutes=minutes), latest, marker)


def _restored(wanted: Wanted, *versions: Version) -> list[tuple[str, str]]:
    return [(change.name, change.after) for change in plan(wanted, versions)]


def test_what_was_deleted_comes_back_as_it_was():
    old, newer = _version(-60, "v1"), _version(-1, "v2")
    assert _restored(_WANTED, _version(5, "m", latest=True, marker=True), newer, old) == [("lesson-1/a", "v2")]


def test_what_was_deleted_before_or_came_later_stays_as_it_is():
    assert _restored(_WANTED, _version(-5, "m", latest=True, marker=True), _version(-60, "v1")) == []
    assert _restored(_WANTED, _version(5, "v1", latest=True)) == []
    assert _restored(_WANTED, _version(-5, "v1", latest=True)) == []


def test_what_was_overwritten_comes_back_only_where_that_is_wanted():
    versions = (_version(5, "v2", latest=True), _version(-60, "v1"))
    assert _restored(_WANTED, *versions) == []
    assert _restored(dataclasses.replace(_WANTED, overwritten=True), *versions) == [("lesson-1/a", "v1")]


def test_a_copy_is_not_copied_again():
    copy = dataclasses.replace(_version(9, "v3", latest=True), copy_of="v1")
    wanted = dataclasses.replace(_WANTED, overwritten=True)
    assert _restored(wanted, copy, _version(5, "m", marker=True), _version(-60, "v1")) == []
    assert _restored(_WANTED, copy, _version(5, "m", marker=True), _version(-60, "v1")) == []


def test_the_latest_of_two_of_the_same_second_counts():
    same = (_version(0, "v2", latest=True), _version(0, "v1"))
    assert _restored(dataclasses.replace(_WANTED, overwritten=True), *same) == []


def test_a_key_is_not_its_neighbour():
    deleted = [(_version(5, "m", key, latest=True, marker=True), _version(-60, "v1", key)) for key in ("a/1", "a/10")]
    wanted = dataclasses.replace(_WANTED, prefix="a/1", exact=True)
    assert _restored(wanted, *(version for pair in deleted for version in pair)) == [("a/1", "v1")]
