# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""What an Auto Scaling group does next."""

from __future__ import annotations

import pytest

from lab.emulator.autoscaling.scaling import Member, Step, step

_ZONES = ["a", "b", "c"]


def _member(name: str, zone: str = "a", state: str | None = "running", **marks: bool) -> Member:
    return Member(instance_id=name, zone=zone, state=state, **marks)


@pytest.mark.parametrize(
    ("desired", "members", "wanted"),
    [
        (3, [], Step(launch_zones=["a", "b", "c"])),
        (1, [_member("one")], Step()),
        (1, [_member("one", state="pending")], Step()),
        (2, [_member("one")], Step(launch_zones=["b"])),
        (1, [_member("one", state="stopped")], Step(launch_zones=["a"], replace=["one"])),
        (1, [_member("one", state="terminated")], Step(launch_zones=["a"], replace=["one"])),
        (1, [_member("one", state=None)], Step(launch_zones=["a"], replace=["one"])),
        (1, [_member("one", marked=True)], Step(launch_zones=["a"], replace=["one"])),
        (1, [_member("one", state="shutting-down", leaving=True), _member("two", "b")], Step()),
        (1, [_member("one", state="terminated", leaving=True), _member("two", "b")], Step(forget=["one"])),
        (1, [_member("one"), _member("two", "b"), _member("three", "b")], Step(scale_in=["two", "one"])),
        (0, [_member("one", protected=True)], Step()),
        (1, [_member("one", marked=True, kept=True)], Step()),
        (1, [_member("one", state="terminated", kept=True)], Step()),
        (0, [_member("one")], Step(scale_in=["one"])),
        (1, [_member("one", at_risk=True)], Step(launch_zones=["a"])),
        (1, [_member("one", at_risk=True), _member("two")], Step()),
        (1, [_member("one", at_risk=True, state="shutting-down"), _member("two")], Step(replace=["one"])),
    ],
)
def test_step(desired, members, wanted):
    assert step(desired, _ZONES, members) == wanted


def test_a_group_without_subnets_launches_nothing():
    assert step(1, [], []) == Step()
