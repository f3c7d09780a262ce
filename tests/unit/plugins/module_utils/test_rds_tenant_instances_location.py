# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Judge tenants one by one by where their dedicated instances are, as after failovers."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances.location import settle
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances.model import State
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances.plan import plan

from tests.support.tenant_instances import AWAY, HOME, PREFIX, arn, instance, settled_state, wanted, with_instance


def _settled(entry, state):
    return settle([entry], state, PREFIX)


def test_what_is_as_wanted_is_kept():
    entry = wanted(own={"replica": True})
    assert _settled(entry, settled_state(entry)).kept == (entry,)
    assert _settled(entry, State()).kept == (entry,), "a new tenant"


def test_a_tenant_whose_instance_did_not_move_is_left():
    """The shared part has moved here, and this region has the tenant's replica."""
    entry = wanted(own={"replica": True})
    here, there = instance(entry), instance(entry, entry.replica)
    moved = with_instance(State(), replace(here, source=arn(AWAY, there.identifier)))
    found = _settled(entry, with_instance(moved, replace(there, source=None)))
    assert found.kept == ()
    assert "is a read replica of" in found.left["acme"]


def test_a_tenant_that_may_not_be_here_is_left_and_keeps_no_other():
    bound, free = wanted("bound", residency=[AWAY]), wanted("free")
    there = instance(bound, bound.elsewhere)
    state = with_instance(settled_state(free), replace(there, source=None))
    found = settle([bound, free], state, PREFIX)
    assert found.kept == (free,)
    assert f"in {AWAY}, and has no replica in {HOME}" in found.left["bound"]


def test_a_tenant_that_is_where_it_may_not_be_is_told():
    bound = wanted("bound", residency=[HOME])
    state = with_instance(State(), replace(instance(bound, bound.elsewhere), source=None))
    assert "its residency doesn't allow it" in _settled(bound, state).left["bound"]


def test_the_old_writer_of_a_failover_is_left_and_the_tenant_kept():
    entry = wanted(own={"replica": True})
    state = settled_state(entry)
    old = replace(state.at(entry.replica), source=None)
    found = _settled(entry, with_instance(state, old))
    (kept,) = found.kept
    assert kept.replica is None
    assert "db_rebuild_replica.yml" in found.warnings[0]
    assert plan([kept], with_instance(replace(state, masters={}), old)) is not None


def test_no_second_instance_is_created_where_a_failover_moved_one_with_an_identifier_of_its_own():
    entry = wanted(own={"identifier": "legacy"})
    usual = wanted()
    found = _settled(entry, with_instance(State(), instance(usual)))
    assert f"identifier: {PREFIX}acme" in found.left["acme"]
    assert _settled(entry, settled_state(entry)).left == {}


def test_a_tenant_that_is_removed_is_judged_by_the_checks():
    entry = wanted(state="absent", final_snapshot="last")
    there = replace(instance(entry, entry.elsewhere), source=None)
    assert _settled(entry, with_instance(State(), there)).kept == (entry,)
