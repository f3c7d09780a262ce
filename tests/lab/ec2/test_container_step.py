# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The next step of an instance's container."""

from __future__ import annotations

import pytest

from lab.runtime.ec2 import plan
from lab.runtime.ec2.plan import Memory, Report
from lab.runtime.vpc.model import Container, Instance


def _instance(state: str, reboots: int = 0) -> Instance:
    return Instance("i-1", "me-west-1", state, "vpc-1", "10.10.16.0/20", "10.10.16.4", "0a:00:00:00:00:01", reboots)


_UP = Container("i-1", running=True, pid=7)


def _ended(code: int) -> Container:
    return Container("i-1", running=False, exit_code=code)


@pytest.mark.parametrize(
    ("state", "container", "memory", "wanted"),
    [
        ("pending", None, Memory(), plan.BOOT),
        ("pending", _UP, Memory(seen=True), plan.WATCH),
        ("pending", _ended(0), Memory(seen=True), plan.START),
        ("running", None, Memory(), plan.BOOT),
        ("running", _UP, Memory(seen=True, reboots=0), None),
        ("running", _ended(plan.GUEST_REBOOT), Memory(seen=True), plan.START),
        ("stopping", _UP, Memory(seen=True), plan.STOP),
        ("stopping", _ended(0), Memory(seen=True), Report("stopped")),
        ("stopped", _UP, Memory(seen=True), plan.STOP),
        ("stopped", _ended(0), Memory(seen=True), None),
        ("stopped", None, Memory(), None),
        ("shutting-down", _UP, Memory(seen=True), plan.STOP),
        ("shutting-down", _ended(0), Memory(seen=True), plan.REMOVE),
        ("shutting-down", None, Memory(seen=True), Report("terminated")),
    ],
)
def test_step(state, container, memory, wanted):
    assert plan.step(_instance(state), container, memory) == wanted


@pytest.mark.parametrize(
    ("before", "container", "state", "code"),
    [
        ("running", None, "terminated", "Server.InternalError"),
        ("stopped", None, "terminated", "Server.InternalError"),
        ("running", _ended(137), "stopped", "Server.InternalError"),
        ("running", _ended(plan.GUEST_POWEROFF), "stopped", "Client.InstanceInitiatedShutdown"),
    ],
)
def test_an_instance_that_ended_by_itself_is_reported(before, container, state, code):
    reported = plan.step(_instance(before), container, Memory(seen=True))
    assert (reported.state, reported.reason[0]) == (state, code)


def test_one_that_ends_before_it_is_up_is_not_tried_for_ever():
    assert plan.step(_instance("pending"), _ended(1), Memory(seen=True, started=True)).state == "stopped"


def test_a_reboot_is_done_once():
    assert plan.step(_instance("running", reboots=2), _UP, Memory(seen=True, reboots=1)) == plan.REBOOT
    assert plan.step(_instance("running", reboots=2), _UP, Memory(seen=True, reboots=2)) is None
