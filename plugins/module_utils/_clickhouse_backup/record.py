# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""What a backup's tables held when it was made, so that a restore can be compared with it."""

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
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.selection import Selection

WHOLE = ""  # stands for the part of a table that has none
Measured = dict[str, dict[str, tables.Content]]


class Measurement:
    """Measures tables part by part, first beside the backup, then what is missing when it is known what went into it.

    Parts never change, so a part that is in the backup holds what was measured, whenever that was. A part that was merged
    away before anyone looked can't be measured: its table is then recorded without a hash.
    """

    def __init__(self, server: ClickHouse, selection: Selection):
        self._server = server
        self._selection = selection
        self._measured: Measured = {}
        self._notes: dict[str, str] = {}

    def look(self) -> None:
        """Measure all tables as they are now; what was measured before is kept."""
        databases = {*self._selection.databases, *(name.partition(".")[0] for name in self._selection.tables)}
        for name, has_parts in sorted(tables.with_rows(self._server, databases).items()):
            if self._selected(name):
                self._look_at(name, has_parts)

    def complete(self, metadata: Metadata) -> dict[str, dict[str, t.Any]]:
        """Rows and hash by table, of exactly the parts that the backup holds."""
        in_backup = parts_of(metadata)
        if any(parts - set(self._measured.get(name, {})) for name, parts in in_backup.items()):
            self.look()
        names = {*in_backup, *self._measured, *self._notes}
        return {name: self._total(name, in_backup.get(name, set())) for name in sorted(names)}

    def _selected(self, name: str) -> bool:
        selection = self._selection
        if name in selection.tables:
            return True
        return name.partition(".")[0] in selection.databases and name not in selection.exclude_tables

    def _look_at(self, name: str, has_parts: bool) -> None:
        seen = self._measured.setdefault(name, {})
        try:
            if has_parts:
                for part, content in tables.parts(self._server, name).items():
                    seen.setdefault(part, content)
            elif WHOLE not in seen and (content := tables.content(self._server, name)):
                seen[WHOLE] = content
        except ClickHouseError as error:
            self._notes[name] = f"could not be measured: {error}"

    def _total(self, name: str, in_backup: set[str]) -> dict[str, t.Any]:
        if name in self._notes:
            return {"rows": None, "hash": None, "note": self._notes[name]}
        measured = self._measured.get(name, {})
        if WHOLE in measured:
            return measured[WHOLE]._asdict()
        missing = in_backup - set(measured)
        if missing:
            note = f"{len(missing)} part(s) were merged away before they could be measured"
            return {"rows": None, "hash": None, "note": note}
        return tables.total(measured[part] for part in in_backup)._asdict()
