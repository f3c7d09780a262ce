# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Plan a backup: what of other runs has to be finished or cleaned up first, and on which base it is made. Pure functions."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup import base
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.model import (
    Backup,
    chain,
    list_faults,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.selection import Selection
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change


@dataclasses.dataclass(frozen=True)
class Wanted:
    """The backup that is asked for."""

    name: str
    selection: Selection
    collection: str
    base: str
    max_chain: int
    cluster: str | None = None
    stale_after: float = 600.0
    wait: bool = True


class State(t.NamedTuple):
    """What was read: all backups, and the state of an unfinished one of this name (see `judge`)."""

    backups: dict[str, Backup]
    unfinished: str | None
    running: tuple[str, ...] = ()  # backups of the same tables under other names that this server is writing


class Task(t.NamedTuple):
    """The data of a change: the engine's id of a backup to wait for, if any, its base, and what its tables were before it."""

    identity: str | None
    base: Backup | None
    at_start: dict[str, t.Any] | None = None


def plan_present(wanted: Wanted, state: State) -> list[Change]:
    """Plan the changes. Raise PlatformError where the name belongs to another backup, or the base can't be used."""
    name, selection = wanted.name, wanted.selection.to_record()
    backup = state.backups.get(name)
    if backup and not backup.is_ours:
        raise PlatformError(
            f"{name} exists, and was not made by this module, which never touches what others made. Fix: choose another "
            "name. Nothing was changed."
        )
    if backup and backup.finished:
        _check_finished(backup, selection, list_faults(state.backups, name))
        return [] if backup.record is not None else [_record_change(state.backups, backup)]
    if state.unfinished in ("foreign", "starting"):
        raise PlatformError(
            f"The backup {name} is unfinished, and another server or run seems to be writing it. Fix: wait for it. If it was "
            f"killed, run again after O(stale_after) ({wanted.stale_after:.0f} s) without a write. Nothing was changed."
        )
    if state.unfinished == "running":
        return [_wait_change(state.backups, name)] if wanted.wait else []
    adopted = _adopted(wanted, state)
    chosen = _base_after(wanted, state) if state.running else choose_base(wanted, state.backups)
    changes = []
    if backup:
        changes.append(Change("delete", "unfinished backup", name, {"objects": len(backup.objects)}, data=backup))
    after = {"selection": selection, "base": chosen}
    return [*changes, *adopted, Change("create", "backup", name, None, after, data=state.backups.get(chosen or ""))]


def choose_base(wanted: Wanted, backups: dict[str, Backup]) -> str | None:
    """Return the base for the backup that is asked for. Raise PlatformError where the stated one can't be used."""
    try:
        return base.choose(backups, wanted.name, wanted.selection.to_record(), wanted.base, wanted.max_chain)
    except ValueError as error:
        raise PlatformError(f"{error} Nothing was changed.") from error


def _adopted(wanted: Wanted, state: State) -> list[Change]:
    """Plan to wait for backups of the same tables that are being written, and to record those that nobody recorded.

    A second one beside them would copy all again, since what isn't finished can't be a base.
    """
    if state.running and not wanted.wait:
        raise PlatformError(
            f"The backup {', '.join(state.running)} of the same tables is being written. Fix: run again once it is "
            "finished, or with O(wait=true). Nothing was changed."
        )
    selection = wanted.selection.to_record()
    unrecorded = [
        backup
        for name, backup in sorted(state.backups.items())
        if name != wanted.name
        and backup.is_ours
        and backup.metadata
        and backup.record is None
        and backup.selection == selection
    ]
    return [
        *(_record_change(state.backups, it) for it in unrecorded if not list_faults(state.backups, it.name)),
        *(_wait_change(state.backups, name) for name in state.running),
    ]


def _base_after(wanted: Wanted, state: State) -> str | None:
    """Return the base that a backup will have once those that are being written are finished."""
    if wanted.base != base.AUTO:
        return choose_base(wanted, state.backups)
    newest = max(state.running, key=lambda name: state.backups[name].touched)
    length = 1 + len(chain(state.backups, (state.backups[newest].request or {}).get("base") or ""))
    return newest if length < wanted.max_chain else None


def _task(backups: dict[str, Backup], backup: Backup, identity: str | None) -> Task:
    request = backup.request or {}
    return Task(identity, backups.get(request.get("base") or ""), request.get("tables"))


def _record_change(backups: dict[str, Backup], backup: Backup) -> Change:
    title = f"contents of backup {backup.name}"
    task = _task(backups, backup, None)
    return Change("record", "contents", backup.name, None, {"recorded": True}, title=title, data=task)


def _wait_change(backups: dict[str, Backup], name: str) -> Change:
    backup = backups[name]
    task = _task(backups, backup, (backup.request or {}).get("id"))
    return Change("wait", "backup", name, {"finished": False}, {"finished": True}, data=task)


def _check_finished(backup: Backup, selection: dict[str, t.Any], faults: list[str]) -> None:
    if backup.selection not in (None, selection):
        raise PlatformError(
            f"The backup {backup.name} exists, and is one of other tables: {backup.selection}. Fix: choose another name. "
            "Nothing was changed."
        )
    if faults:
        raise PlatformError(
            f"The backup {backup.name} exists, but is not sound: {'; '.join(faults[:5])}. Fix: remove it (O(state=absent)) and "
            "make a new one. Nothing was changed."
        )
