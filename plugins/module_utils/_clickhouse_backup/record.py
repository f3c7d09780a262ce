# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Record what a backup's tables held when it was made, so that a restore can be compared with it."""

from __future__ import annotations

import collections
import hashlib
import json
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse.client import (
    ClickHouse,
    ClickHouseError,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup import tables
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.metadata import (
    Metadata,
    parts_of,
    tables_of,
    tables_with_data,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.model import Backup
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.selection import Selection

Entry = dict[str, t.Any]
# Engines with rows of their own that BACKUP leaves out.
_NOT_BACKED_UP = ("EmbeddedRocksDB", "File", "Join", "KeeperMap", "Set", "TimeSeries")
PATCHED = (
    "it has lightweight updates, which BACKUP leaves out: what a restore brings back is older. Fix: ALTER TABLE ... APPLY PATCHES "
    "before the next backup"
)


def before(server: ClickHouse, selection: Selection) -> dict[str, Entry]:
    """Read what tables are before a backup starts: which, and of those without parts what they hold."""
    found: dict[str, Entry] = {}
    for name, table in tables.existing(server, selection.all_databases).items():
        if selection.holds(name):
            found[name] = {"uuid": table.uuid}
            content = _content(server, name) if table.has_files else None
            if content:
                found[name]["content"] = list(content)
    return found


class Measurement:
    """Read the parts of tables while a backup is written, and record those that it holds.

    Parts never change, so one that is in the backup holds what was read at any time. One that was merged away is still listed for
    some
    minutes, and one of the base needn't be read again. What is nevertheless missing makes its table one that isn't compared.
    """

    def __init__(
        self, server: ClickHouse, selection: Selection, base: Backup | None, at_start: dict[str, Entry] | None
    ):
        self._server = server
        self._selection = selection
        self._base = recorded_parts(base)
        self._at_start = at_start
        self._parts: dict[str, dict[str, tables.Part]] = {}
        self._tables: dict[str, tables.Table] = {}
        self._patched: set[str] = set()

    def measure(self) -> None:
        """Read the parts as they are now, and keep what was read before."""
        databases = self._selection.all_databases
        self._tables |= tables.existing(self._server, databases)
        found = tables.parts(self._server, databases)
        self._patched |= found.patched
        for name, parts in found.all.items():
            self._parts.setdefault(name, {}).update(parts)

    def complete(self, metadata: Metadata) -> dict[str, Entry]:
        """Return rows, hash and parts of each table that the backup holds rows of, or a note that says why it can't be compared."""
        self.measure()
        in_backup, with_data = parts_of(metadata), tables_with_data(metadata)
        found = {}
        for name in sorted(tables_of(metadata) | set(in_backup)):
            entry = self._entry(name, in_backup.get(name), name in with_data)
            if entry:
                found[name] = entry
        return found

    def _entry(self, name: str, in_backup: dict[str, str] | None, has_data: bool) -> Entry | None:
        table = self._tables.get(name)
        at_start = (self._at_start or {}).get(name)
        if name in self._patched:
            return _note(PATCHED)
        if table and at_start and table.uuid != at_start["uuid"]:
            return _note("it was created anew while it was backed up")
        if in_backup is not None:
            return self._of_parts(name, in_backup)
        if table is None:
            return _note("it was dropped while it was backed up") if has_data else None
        if table.engine.endswith("MergeTree"):
            return self._of_parts(name, {})
        if table.has_files:
            return self._of_rows(name, at_start)
        if has_data:
            return _note(f"rows of the engine {table.engine} aren't compared")
        if table.engine in _NOT_BACKED_UP and table.rows != 0:
            return _note(f"ClickHouse backs up no rows of the engine {table.engine}")
        return None

    def _of_parts(self, name: str, in_backup: dict[str, str]) -> Entry:
        known, measured = self._base.get(name, {}), self._parts.get(name, {})
        found = {identity: measured.get(part) or known.get(identity) for part, identity in in_backup.items()}
        missing = sum(found[identity] is None for identity in in_backup.values())
        if missing:
            return _note(f"{missing} part(s) were merged away before they could be read")
        every = [found[identity] for identity in in_backup.values()]
        return {
            "rows": sum(part.rows for part in every),
            "hash": hash_of(every),
            "parts": {identity: list(part) for identity, part in found.items()},
        }

    def _of_rows(self, name: str, at_start: Entry | None) -> Entry:
        if not at_start or "content" not in at_start:
            return _note("it was not read before it was backed up")
        now = _content(self._server, name)
        if now is None or list(now) != at_start["content"]:
            return _note("it was changed while it was backed up")
        return now._asdict()


def _content(server: ClickHouse, name: str) -> tables.Content | None:
    try:
        return tables.content(server, name)
    except ClickHouseError as error:
        if not error.code:
            raise
        return None


def _note(text: str) -> Entry:
    return {"rows": None, "hash": None, "note": text}


def hash_of(parts: t.Iterable[tables.Part]) -> str:
    """Return one hash for all parts of a table. It doesn't depend on their order and names."""
    return hashlib.sha256(json.dumps(sorted(parts)).encode()).hexdigest()[:32]


def recorded_parts(backup: Backup | None) -> dict[str, dict[str, tables.Part]]:
    """Return the parts of a backup's record, by table and identity; none of a record that held hashes of rows."""
    recorded = ((backup.record if backup else None) or {}).get("tables", {})
    return {
        name: {identity: tables.Part(*part) for identity, part in entry["parts"].items()}
        for name, entry in recorded.items()
        if entry.get("hash") is not None and _is_of_parts(entry)
    }


def _is_of_parts(entry: Entry) -> bool:
    return "parts" in entry and all(isinstance(hash_, str) for _rows, hash_ in entry["parts"].values())


class Held(t.NamedTuple):
    """What a table held when it was backed up: its parts, counted, or its rows; else why that isn't known."""

    parts: collections.Counter[tables.Part] | None = None
    content: tables.Content | None = None
    note: str = ""

    @property
    def rows(self) -> int | None:
        """Return the number of rows, where it is known."""
        if self.parts is not None:
            return sum(part.rows * times for part, times in self.parts.items())
        return self.content.rows if self.content else None


def held(backup: Backup) -> dict[str, Held]:
    """Return what each table of a backup held that stores rows."""
    recorded = (backup.record or {}).get("tables", {})
    in_backup = parts_of(backup.metadata) if backup.metadata else {}
    parts = recorded_parts(backup)
    found = {}
    for name, entry in recorded.items():
        if entry.get("hash") is None:
            found[name] = Held(note=entry.get("note") or "it was not read when it was backed up")
        elif name in parts:
            found[name] = Held(
                collections.Counter(parts[name][identity] for identity in in_backup.get(name, {}).values())
            )
        elif isinstance(entry["hash"], str):
            found[name] = Held(content=tables.Content(entry["rows"], entry["hash"]))
        else:
            found[name] = Held(note="its record is of an earlier version of this module")
    return found


def uncompared(backup: Backup) -> dict[str, str]:
    """Return the tables whose rows can't be compared with what was backed up, with the reasons."""
    return {name: table.note for name, table in held(backup).items() if table.note}
