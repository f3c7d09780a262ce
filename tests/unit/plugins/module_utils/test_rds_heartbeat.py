# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Plan the heartbeat of a writer."""

from __future__ import annotations

import dataclasses

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_heartbeat.model import (
    RELEASE,
    Event,
    State,
    check,
    plan,
)

_EVENT = Event("admin@%", "ENABLED", RELEASE, "1 SECOND")
_BEATING = State("admin@%", False, "ON", True, True, _EVENT, 300_000)


def test_a_heartbeat_that_is_as_wanted_needs_nothing():
    assert plan("platform", _BEATING) == []
    assert check("platform", _BEATING) == []


def test_what_is_missing_is_created_in_order():
    nothing = dataclasses.replace(_BEATING, schema=False, table=False, event=None, age_us=None)
    assert [change.kind for change in plan("platform", nothing)] == ["schema", "table", "event"]


@pytest.mark.parametrize(
    "difference",
    [{"status": "REPLICA_SIDE_DISABLED"}, {"definer": "gone@%"}, {"comment": ""}, {"interval": "5 SECOND"}],
)
def test_an_event_that_differs_is_created_again(difference):
    (change,) = plan("platform", dataclasses.replace(_BEATING, event=dataclasses.replace(_EVENT, **difference)))
    assert change.action == "update"
    assert change.before != change.after


def test_what_can_not_work_is_found():
    assert "replica" in check("platform", dataclasses.replace(_BEATING, read_only=True))[0].text
    assert "event_scheduler" in check("platform", dataclasses.replace(_BEATING, scheduler="OFF"))[0].text
    assert "O(schema)" in check("a`b")[0].text
