# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Record what a backup's tables held when it was made, so that a restore can be compared with it."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse.client import (
    ClickHouse,
    ClickHouseError,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup import tables
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.metadata import (
    Metadata,
    parts_of,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.model import Backup
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.selection import Selection

WHOLE = ""  # stands for the part of a table that has none
Measured = dict[str, dict[str, tables.Content]]


class Measurement:
    """Measure tables part by part: first while the backup is written, then what is missing once its contents are known.

    Parts never change, so a part of the backup holds what was measured at any time. What the base's record has isn't measured
    again. A part that was merged away before can't be measured: its table is recorded without a hash.
    """

    def __init__(self, server: ClickHouse, selection: Selection, base: Backup | None):
        self._server = server
        self._selection = selection
        self._by_identity = _by_identity(base)
        self._expected = _by_name(base, self._by_identity)
        self._measured: Measured = {}
        self._notes: dict[str, str] = {}

    def measure(self) -> None:
        """Measure all tables as they are now, and keep what was measured before."""
        databases = {*self._selection.databases, *(name.partition(".")[0] for name in self._selection.tables)}
        for name, has_parts in sorted(tables.with_rows(self._server, databases).items()):
            if self._selected(name):
                self._measure(name, has_parts)

    def complete(self, metadata: Metadata) -> dict[str, dict[str, t.Any]]:
        """Return rows, hash and parts by table, of exactly the parts that the backup holds, by the identity of each part."""
        in_backup = parts_of(metadata)
        if any(self._unknown(name, parts) for name, parts in in_backup.items()):
            self._expected = {}  # a table was recreated: its parts have the names of others
            self.measure()
        names = {*in_backup, *self._measured, *self._notes}
        return {name: self._total(name, in_backup.get(name, {})) for name in sorted(names)}

    def _selected(self, name: str) -> bool:
        selection = self._selection
        if name in selection.tables:
            return True
        return name.partition(".")[0] in selection.databases and name not in selection.exclude_tables

    def _measure(self, name: str, has_parts: bool) -> None:
        measured = self._measured.setdefault(name, {})
        try:
            if has_parts:
                measured |= tables.parts(self._server, name, {*measured, *self._expected.get(name, ())})
            elif WHOLE not in measured and (content := tables.content(self._server, name)):
                measured[WHOLE] = content
        except ClickHouseError as error:
            self._notes[name] = f"could not be measured: {error}"

    def _content(self, name: str, part: str, identity: str) -> tables.Content | None:
        return self._by_identity.get(name, {}).get(identity) or self._measured.get(name, {}).get(part)

    def _unknown(self, name: str, parts: dict[str, str]) -> int:
        return sum(self._content(name, part, identity) is None for part, identity in parts.items())

    def _total(self, name: str, in_backup: dict[str, str]) -> dict[str, t.Any]:
        if name in self._notes:
            return {"rows": None, "hash": None, "note": self._notes[name]}
        if WHOLE in self._measured.get(name, {}):
            return self._measured[name][WHOLE]._asdict()
        missing = self._unknown(name, in_backup)
        if missing:
            note = f"{missing} part(s) were merged away before they could be measured"
            return {"rows": None, "hash": None, "note": note}
        contents = {identity: self._content(name, part, identity) for part, identity in in_backup.items()}
        every = [self._content(name, part, identity) for part, identity in in_backup.items()]
        return tables.total(every)._asdict() | {"parts": {identity: list(it) for identity, it in contents.items()}}


def _by_identity(base: Backup | None) -> dict[str, dict[str, tables.Content]]:
    """Return the parts of the base's record, by table and identity."""
    recorded = ((base.record if base else None) or {}).get("tables", {})
    return {
        name: {identity: tables.Content(*content) for identity, content in entry.get("parts", {}).items()}
        for name, entry in recorded.items()
    }


def _by_name(base: Backup | None, known: dict[str, dict[str, tables.Content]]) -> dict[str, set[str]]:
    """Return the names of parts that are probably those of the base; their identity is known once the backup is there."""
    if base is None or base.metadata is None:
        return {}
    return {
        name: {part for part, identity in parts.items() if identity in known.get(name, {})}
        for name, parts in parts_of(base.metadata).items()
    }
