# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Which instances an instance refresh replaces next."""

from __future__ import annotations

import pytest

from lab.emulator.autoscaling.refresh import Limits, Replaceable, Step, step


def _old(name: str, ready: bool = True, **marks: bool) -> Replaceable:
    return Replaceable(name, outdated=True, ready=ready, **marks)


def _new(name: str, ready: bool = True) -> Replaceable:
    return Replaceable(name, outdated=False, ready=ready)


_ONE_BY_ONE, _LAUNCH_FIRST, _HALF = Limits(100, 100), Limits(100, 134), Limits(50, 100)


@pytest.mark.parametrize(
    ("limits", "members", "wanted"),
    [
        (_ONE_BY_ONE, [_old("a"), _old("b"), _old("c")], Step(0, ["a"], 3)),
        (_ONE_BY_ONE, [_old("a", ready=False, leaving=True), _old("b"), _old("c")], Step(0, [], 3)),
        (_ONE_BY_ONE, [_new("d", ready=False), _old("b"), _old("c")], Step(0, [], 3)),
        (_ONE_BY_ONE, [_new("d"), _old("b"), _old("c")], Step(0, ["b"], 2)),
        (_ONE_BY_ONE, [_old("a", held=True), _old("b"), _old("c")], Step(0, ["b"], 3)),
        (_ONE_BY_ONE, [_old("a", ready=False), _old("b"), _old("c")], Step(0, ["a"], 3)),
        (_HALF, [_old("a"), _old("b"), _old("c")], Step(0, ["a"], 3)),
        (Limits(0, 100), [_old("a"), _old("b"), _old("c")], Step(0, ["a", "b", "c"], 3)),
        (_LAUNCH_FIRST, [_old("a"), _old("b"), _old("c")], Step(2, [], 3)),
        (_LAUNCH_FIRST, [_old("a"), _old("b"), _old("c"), _new("d", ready=False)], Step(2, [], 3)),
        (_LAUNCH_FIRST, [_old("a"), _old("b"), _old("c"), _new("d")], Step(2, ["a"], 3)),
        (_LAUNCH_FIRST, [_old("b"), _old("c"), _new("d"), _new("e")], Step(1, ["b"], 2)),
        (_LAUNCH_FIRST, [_old("c"), _new("d"), _new("e"), _new("f")], Step(0, ["c"], 1)),
        (_LAUNCH_FIRST, [_old("c"), _new("d"), _new("e"), _new("f", ready=False)], Step(1, [], 2)),
        (_ONE_BY_ONE, [_new("d"), _new("e"), _new("f", ready=False)], Step(0, [], 1)),
        (_ONE_BY_ONE, [_new("d"), _new("e"), _new("f")], Step(done=True)),
        (_ONE_BY_ONE, [_new("d"), _new("e")], Step()),
        (_ONE_BY_ONE, [_old("a", ready=False, leaving=True), _new("d"), _new("e"), _new("f")], Step(0, [], 1)),
    ],
)
def test_step(limits, members, wanted):
    assert step(3, limits, members) == wanted


def test_one_instance_alone_is_replaced():
    assert step(1, Limits(), [_old("a")]).replace == ["a"]


def test_an_empty_group_has_nothing_to_refresh():
    assert step(0, Limits(), []).done
