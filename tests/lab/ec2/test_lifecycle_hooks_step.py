# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""How long lifecycle hooks keep an instance."""

from __future__ import annotations

from lab.emulator.autoscaling.hooks import ABANDON, CONTINUE, Wait, verdict


def _wait(result: str = "", default: str = ABANDON) -> Wait:
    wait = Wait.begin("hook", "token", heartbeat=30, default=default, now=1000.0)
    wait.result = result
    return wait


def test_it_waits_for_every_hook():
    assert verdict([_wait(CONTINUE), _wait()], 1001.0) is None
    assert verdict([_wait(CONTINUE), _wait(CONTINUE)], 1001.0) == CONTINUE


def test_one_that_gives_up_ends_the_wait():
    assert verdict([_wait(), _wait(ABANDON)], 1001.0) == ABANDON


def test_after_the_timeout_the_default_holds():
    assert verdict([_wait()], 1029.9) is None
    assert verdict([_wait()], 1030.0) == ABANDON
    assert verdict([_wait(default=CONTINUE)], 1030.0) == CONTINUE


def test_a_heartbeat_prolongs_the_wait_but_not_for_ever():
    wait = _wait()
    wait.beat(1020.0)
    assert (wait.result_at(1049.0), wait.result_at(1050.0)) == ("", ABANDON)
    wait.beat(1000.0 + 30 * 100 - 1)
    assert wait.deadline == 1000.0 + 30 * 100
    day = Wait.begin("hook", "token", heartbeat=7200, default=ABANDON, now=0.0)
    day.beat(48 * 3600 - 1.0)
    assert day.deadline == 48 * 3600
