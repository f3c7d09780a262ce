# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Model the restore of one tenant's schema, and plan it. Pure functions, no client.

The rows come into a schema of their own, and a table in it says how far that is. Only the switch touches the tenant's own schema.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import Finding
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_restore.inventory import (
    PROGRESS,
    Inventory,
    Stored,
)

LOADING, LOADED, SWITCHING, SWITCHED = "loading", "loaded", "switching", "switched"
_LONGEST = 64
_SYSTEM = ("mysql", "sys", "information_schema", "performance_schema")


@dataclasses.dataclass(frozen=True)
class Wanted:
    """What the options ask for. ``replaced`` is where the switch puts what the tenant's schema holds by then."""

    state: str
    schema: str
    account: str
    restored: str
    replaced: str
    source: str


@dataclasses.dataclass(frozen=True)
class Progress:
    """How far the schema that rows are loaded into is, which server they came from, and where the switch puts the old tables."""

    stage: str
    source: str
    replaced: str


@dataclasses.dataclass(frozen=True)
class Account:
    """The tenant's user: whether it is locked, and its open sessions."""

    locked: bool
    sessions: int


@dataclasses.dataclass(frozen=True)
class State:
    """What was read. ``source`` is None where it isn't needed, or the schema isn't in it."""

    source: Inventory | None
    live: Inventory | None
    restored: Inventory | None
    progress: Progress | None
    account: Account | None
    has_replaced: bool
    trusts_creators: bool
    missing_definers: tuple[str, ...] = ()


def check(wanted: Wanted, state: State) -> list[Finding]:
    """Find what is in the way before the first change."""
    texts = [*_names(wanted)]
    if not texts:
        texts += _check_loading(wanted, state) if wanted.state == LOADED else _check_switching(wanted, state)
    return [Finding("wrong", wanted.schema, text) for text in texts]


def _names(wanted: Wanted) -> t.Iterator[str]:
    if wanted.schema.lower() in _SYSTEM:
        yield f"{wanted.schema} is MySQL's own schema."
    for name in (wanted.restored, wanted.replaced):
        if len(name) > _LONGEST:
            yield f"{name} has more than the {_LONGEST} characters that MySQL allows a schema's name. Fix: state a shorter one."
    if len({wanted.schema, wanted.restored, wanted.replaced}) < 3:
        yield "O(schema), O(restored_schema) and O(replaced_schema) must be three schemas."


def _check_loading(wanted: Wanted, state: State) -> t.Iterator[str]:
    progress = state.progress
    if state.source is None:
        yield f"{wanted.source} has no schema {wanted.schema}. Fix: restore to a second at which the tenant was there."
    elif PROGRESS in state.source.tables:
        yield f"{wanted.schema} has a table {PROGRESS}, which this module uses. Fix: rename it."
    elif not state.trusts_creators and any(item.kind in ("TRIGGER", "FUNCTION") for item in state.source.stored):
        yield (
            f"{wanted.schema} has triggers or functions, which the server lets nobody create. Fix: set "
            "log_bin_trust_function_creators to 1 in its parameter group."
        )
    if progress is None and state.restored is not None:
        yield f"There is a schema {wanted.restored} that was not loaded by this module. Fix: state another O(restored_schema)."
    elif progress and progress.stage == SWITCHING:
        yield f"The switch of {wanted.schema} was cut off. Fix: run with O(state=switched) to finish it."
    elif progress and progress.stage == SWITCHED:
        yield f"{wanted.schema} was switched before. Fix: run with O(state=absent) first to forget that."
    elif progress and progress.stage == LOADED and progress.source != wanted.source:
        yield f"{wanted.restored} holds what {progress.source} had. Fix: remove it with O(state=absent) first."


def _check_switching(wanted: Wanted, state: State) -> t.Iterator[str]:
    stage = state.progress.stage if state.progress else None
    if wanted.state == "absent" and stage == SWITCHING:
        yield f"The switch of {wanted.schema} was cut off. Fix: run with O(state=switched) to finish it."
    if wanted.state == "absent" or stage == SWITCHED:
        return
    if stage in (None, LOADING):
        yield f"{wanted.restored} is not loaded. Fix: run with O(state=loaded) first."
        return
    if state.source is None:
        yield f"{wanted.source} has no schema {wanted.schema} any more: what it stores beside its tables is taken from there."
    if state.live and state.live.tables and state.account:
        if not state.account.locked:
            yield f"{wanted.account} can still write. Fix: lock the tenant (state locked in its list), then switch."
        elif state.account.sessions:
            yield f"{wanted.account} is locked, and still has {state.account.sessions} sessions. Fix: end them, then switch."
    if state.has_replaced and stage == LOADED and holds(state.live):
        yield f"There is a schema {wanted.replaced} already. Fix: state another O(replaced_schema)."


def holds(schema: Inventory | None) -> bool:
    """Return whether a schema holds anything."""
    return schema is not None and bool(schema.tables or schema.stored)


def plan(wanted: Wanted, state: State) -> list[Change]:
    """Plan the loading, the switch or the removal of what was loaded."""
    stage = state.progress.stage if state.progress else None
    if wanted.state == "absent":
        return [Change("delete", "schema", wanted.restored)] if stage in (LOADING, LOADED, SWITCHED) else []
    if wanted.state == LOADED:
        if stage == LOADED:
            return []
        accounts = [Change("create", "locked account", name) for name in state.missing_definers]
        after = {"tables": sorted(state.source.tables), "from": wanted.source}
        return [*accounts, Change("replace" if stage == LOADING else "load", "schema", wanted.restored, None, after)]
    if stage == SWITCHED:
        return []
    before = {"tables": sorted(state.live.tables)} if state.live else None
    after = {"tables": sorted(state.source.tables)}
    if holds(state.live):
        after["replaced"] = wanted.replaced
    return [Change("switch", "schema", wanted.schema, before, after)]


def out_of_date(live: Inventory | None, source: Inventory) -> list[Stored]:
    """Return what the live schema stores otherwise than the source, and all its triggers: no table moves with one."""
    wanted = {item.key: item.statement for item in source.stored}
    found = live.stored if live else ()
    return [item for item in found if item.kind == "TRIGGER" or wanted.get(item.key) != item.statement]


def to_create(live: Inventory | None, source: Inventory) -> list[Stored]:
    """Return what the live schema doesn't store yet."""
    known = {item.key for item in live.stored} if live else set()
    return [item for item in source.stored if item.key not in known]


def differences(one: Inventory, other: Inventory | None) -> list[str]:
    """Name what two schemas define differently."""
    left, right = one.definitions(), other.definitions() if other else {}
    return sorted(
        f"{kind.lower()} {name}"
        for kind, name in left.keys() | right.keys()
        if left.get((kind, name)) != right.get((kind, name))
    )
