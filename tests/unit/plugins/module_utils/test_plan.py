# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change, converge, describe

CREATE = Change("create", "bucket a", None, {"size": 1})
UPDATE = Change("update", "bucket b", {"size": 1}, {"size": 2})


class World:
    """Something to converge: counts up to 2, and shows a change only at the second look."""

    def __init__(self, value: int = 0, lag: int = 0):
        self.value = value
        self.lag = lag
        self.applied: list[list[Change]] = []
        self._shown = value

    def read(self) -> int:
        if self.lag:
            self.lag -= 1
        else:
            self._shown = self.value
        return self._shown

    def plan(self, current: int) -> list[Change]:
        return [] if current == 2 else [Change("update", "value", current, 2)]

    def apply(self, changes: list[Change], current: int) -> None:
        self.applied.append(changes)
        self.value = 2


def run(world: World, *, check_mode: bool = False, timeout: float = 5):
    return converge(
        check_mode=check_mode, read=world.read, plan=world.plan, apply=world.apply, timeout=timeout, interval=0
    )


def test_describe_takes_everything_from_the_plan():
    assert describe([CREATE, UPDATE]) == {
        "changed": True,
        "changes": [{"action": "create", "resource": "bucket a"}, {"action": "update", "resource": "bucket b"}],
        "diff": {
            "before": {"bucket a": None, "bucket b": {"size": 1}},
            "after": {"bucket a": {"size": 1}, "bucket b": {"size": 2}},
        },
    }
    assert describe([]) == {"changed": False, "changes": [], "diff": {"before": {}, "after": {}}}


def test_check_mode_returns_the_plan_and_applies_nothing():
    world = World()
    changes, current = run(world, check_mode=True)
    assert [change.before for change in changes] == [0]
    assert current == 0
    assert world.applied == []


def test_without_a_change_nothing_is_applied():
    world = World(value=2)
    assert run(world) == ([], 2)
    assert world.applied == []


def test_a_run_applies_the_plan_that_check_mode_returns_and_reads_again():
    announced, _current = run(World(), check_mode=True)
    world = World()
    changes, current = run(world)
    assert changes == announced
    assert world.applied == [changes]
    assert current == 2


def test_a_run_waits_until_the_change_is_read_back():
    world = World()
    world.lag = 3  # the first read, and two that don't show the change yet
    assert run(world)[1] == 2
    assert len(world.applied) == 1


def test_a_change_that_is_never_read_back_is_an_error_that_names_it():
    world = World()
    world.lag = 1000000
    with pytest.raises(PlatformError, match="after waiting 0 s AWS still reports as needed: update value"):
        run(world, timeout=0)
