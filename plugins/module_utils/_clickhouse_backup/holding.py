# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Tell whether a table holds what was backed up, also after the server has merged its parts. Pure functions."""

from __future__ import annotations

import collections
import dataclasses

from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.record import Held
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.tables import (
    Content,
    Part,
    Table,
)


@dataclasses.dataclass(frozen=True)
class Found:
    """A table that is restored to: its active parts, and with them those that were merged and are still listed; or its rows."""

    table: Table
    active: dict[str, Part] | None = None
    listed: dict[str, Part] | None = None
    content: Content | None = None

    @property
    def compared(self) -> bool:
        """Return whether it stores rows that can be compared."""
        return self.active is not None or self.content is not None

    @property
    def rows(self) -> int:
        """Return the number of its rows."""
        if self.active is not None:
            return sum(part.rows for part in self.active.values())
        return self.content.rows if self.content else 0


def holds(found: Found, wanted: Held | None) -> bool:
    """Return whether a table holds what was backed up, and nothing else.

    Parts may have been merged since they were restored. Then all of them are still listed, and every other part is a merged one.
    """
    if wanted is None or wanted.note:
        return False
    if wanted.parts is None or found.active is None:
        return found.content == wanted.content
    if collections.Counter(found.active.values()) == wanted.parts:
        return True
    others = [name for name, part in (found.listed or {}).items() if part not in wanted.parts]
    return has_all_parts(found, wanted) and found.rows <= (wanted.rows or 0) and all(map(_is_merged, others))


def has_all_parts(found: Found, wanted: Held) -> bool:
    """Return whether all parts that were backed up are listed, active or merged since."""
    return wanted.parts is not None and wanted.parts <= collections.Counter((found.listed or {}).values())


def _is_merged(part: str) -> bool:
    """Return whether a part is one of several merged, and nothing else, by its name: PARTITION_FIRST_LAST_LEVEL."""
    fields = part.split("_")
    return len(fields) == 4 and fields[1] != fields[2]


def restore_fault(found: Found | None, wanted: Held) -> str:
    """Return what is wrong with a table that was just restored; nothing where that can't be told any more.

    A table that is in use is written to, and merges and TTLs change rows: that is no fault of the backup.
    """
    if wanted.note:
        return ""
    if found is None:
        return "was not restored"
    if has_all_parts(found, wanted) or (wanted.content is not None and found.content == wanted.content):
        return ""
    if found.rows < (wanted.rows or 0) and (found.table.keeps_rows or found.table.has_files):
        return f"has {found.rows} rows instead of {wanted.rows}"
    if wanted.parts is not None and found.rows >= (wanted.rows or 0) and not _touched(found):
        return f"has {found.rows} rows, but parts with other files than were backed up"
    return ""


def _touched(found: Found) -> bool:
    """Return whether parts were merged or written since, so that those that were restored may be gone."""
    return any(map(_is_merged, found.active or {})) or len(found.listed or {}) != len(found.active or {})
