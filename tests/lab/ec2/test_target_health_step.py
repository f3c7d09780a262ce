# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The health of a target, by its probes."""

from __future__ import annotations

import pytest

from lab.emulator.state.target_health import HEALTHY, INITIAL, UNHEALTHY, Health
from lab.runtime.alb.target_probes import matches


def _states(*results: bool) -> list[str]:
    health, seen = Health(), []
    for sound in results:
        health.note(sound, "", healthy_threshold=3, unhealthy_threshold=2)
        seen.append(health.state)
    return seen


def test_a_new_target_is_healthy_at_the_first_answer():
    assert _states(True) == [HEALTHY]


def test_a_new_target_that_never_answers():
    assert _states(False, False) == [INITIAL, UNHEALTHY]


def test_a_slow_starter():
    assert _states(False, True) == [INITIAL, HEALTHY]


def test_thresholds_hold_in_both_directions():
    assert _states(True, False, True, False, False) == [HEALTHY] * 4 + [UNHEALTHY]
    assert _states(False, False, True, True, False, True, True, True)[1:] == [UNHEALTHY] * 6 + [HEALTHY]


@pytest.mark.parametrize(
    ("matcher", "status", "sound"),
    [
        ("200", 200, True),
        ("200", 204, False),
        ("200-299", 204, True),
        ("200,301", 301, True),
        ("200-204, 301", 302, False),
    ],
)
def test_matches(matcher, status, sound):
    assert matches(matcher, status) is sound
