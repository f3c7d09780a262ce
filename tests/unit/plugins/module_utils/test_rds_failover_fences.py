# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Prepare fences, and take them back to what was before. Integration tests raise them on real servers."""

from __future__ import annotations

import time

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.fences import FENCES

from tests.support.failovers import instance


class Engine:
    """A server whose accounts can be locked."""

    place = "main in me-west-1"

    def __init__(self):
        self.locked = {("old", "%")}
        self.all = {("a", "%"), ("b", "%"), ("old", "%")}
        self.ended = 0
        self.follows: str | None = None

    def accounts(self):
        return sorted(self.all - self.locked)

    def lock(self, accounts, *, locked):
        self.locked = self.locked | set(accounts) if locked else self.locked - set(accounts)

    def end_all_sessions(self, _deadline):
        self.ended += 1

    def read_only(self):
        return self.follows == "1"


class Rds:
    """An instance whose parameter and groups can be set; the engine follows the parameter where it is told to."""

    name = "main in me-west-1"

    def __init__(self, engine: Engine, *, obeyed: bool = True):
        self.engine, self.obeyed = engine, obeyed
        self.value, self.groups = None, ("sg-1",)

    def read(self):
        return instance("main", read_only=self.value, security_groups=self.groups)

    def set_read_only(self, _group, value):
        self.value = value
        if self.obeyed:
            self.engine.follows = value

    def set_security_groups(self, groups, _deadline):
        self.groups = tuple(groups)


def _soon() -> float:
    return time.monotonic() + 0.2


def _made(kind: str, **options):
    engine = Engine()
    rds = Rds(engine, **options)
    return FENCES[kind](engine, rds, "sg-fence"), engine, rds


def test_who_was_locked_before_stays_locked():
    fence, engine, _rds = _made("lock_and_kill")
    facts = fence.prepare({})
    fence.raise_(facts, _soon())
    assert engine.locked == engine.all
    assert engine.ended == 1
    fence.take_back(facts, _soon())
    assert engine.locked == {("old", "%")}


def test_a_run_that_resumes_still_knows_whom_the_one_before_locked():
    fence, engine, _rds = _made("lock_and_kill")
    first = fence.prepare({})
    fence.raise_(first, _soon())
    engine.all.add(("new", "%"))
    assert fence.prepare(first)["accounts"] == [["a", "%"], ["b", "%"], ["new", "%"]]


def test_the_parameter_is_what_it_was():
    fence, engine, rds = _made("parameter_group")
    facts = fence.prepare({})
    fence.raise_(facts, _soon())
    assert engine.read_only()
    assert fence.prepare(facts) == {}, "a run that resumes must not take the fence for what was before"
    fence.take_back(facts, _soon())
    assert rds.value is None
    assert not engine.read_only()


def test_a_parameter_that_rds_does_not_apply_is_no_fence():
    fence, _engine, _rds = _made("parameter_group", obeyed=False)
    with pytest.raises(PlatformError, match="read_only in force"):
        fence.raise_(fence.prepare({}), _soon())


def test_a_parameter_that_rds_applies_late_does_not_outlast_the_fence_that_was_taken_back():
    """RDS is still about to apply the 1 when it is reset: the server takes writes before that, and after it no more."""
    fence, engine, rds = _made("parameter_group", obeyed=False)
    facts = fence.prepare({})
    with pytest.raises(PlatformError):
        fence.raise_(facts, _soon())
    looks = iter([False, False, True, True, False])
    seen: list[bool] = []

    def read_only():
        seen.append(next(looks))
        return seen[-1]

    engine.read_only = read_only
    fence.take_back(facts, time.monotonic() + 5)
    assert seen == [False, False, True, True, False]
    assert rds.value is None


def test_open_sessions_end_with_the_security_group():
    fence, engine, rds = _made("security_group")
    facts = fence.prepare({})
    fence.raise_(facts, _soon())
    assert rds.groups == ("sg-fence",)
    assert engine.ended == 1
    assert fence.prepare(facts) == {}
    fence.take_back(facts, _soon())
    assert rds.groups == ("sg-1",)


@pytest.mark.parametrize("kind", sorted(FENCES))
def test_what_was_never_raised_is_taken_back_without_harm(kind):
    fence, engine, rds = _made(kind)
    fence.take_back({}, _soon())
    assert engine.locked == {("old", "%")}
    assert (rds.value, rds.groups) == (None, ("sg-1",))
