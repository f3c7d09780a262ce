# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Put a restored schema in a tenant's place, and what was there into another schema. The cursor is passed in.

All tables move in one statement, which MySQL does as a whole or not at all. A switch that was cut off is gone on with: until that
statement was done the restored schema has tables, and afterwards it has none.
"""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.quoting import quoted
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_restore import (
    inventory,
    progress,
    stored,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_restore.inventory import Inventory
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_restore.model import (
    SWITCHED,
    SWITCHING,
    State,
    Wanted,
    differences,
    holds,
    out_of_date,
    to_create,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_restore.rows import SETTINGS

_DEFINITIONS = "platform_replaced_definitions"


def switch(cursor: t.Any, wanted: Wanted, state: State) -> None:
    """Switch, or go on with a switch that was cut off."""
    source, live = state.source, state.live
    replaced = (state.progress.replaced if state.progress.stage == SWITCHING else "") or wanted.replaced
    cursor.execute(SETTINGS)
    if state.restored.tables:
        progress.write(cursor, wanted.restored, SWITCHING, wanted.source, replaced)
        _make_room(cursor, wanted, live, source, replaced)
        _move(cursor, wanted, live, source, replaced)
    stored.create(cursor, wanted.schema, to_create(inventory.read(cursor, wanted.schema), source))
    left = differences(source, inventory.read(cursor, wanted.schema))
    if left:
        raise PlatformError(f"{wanted.schema} is switched, and yet differs from {wanted.source} in {', '.join(left)}.")
    progress.write(cursor, wanted.restored, SWITCHED, wanted.source, replaced)


def _make_room(cursor: t.Any, wanted: Wanted, live: Inventory | None, source: Inventory, replaced: str) -> None:
    """Keep what the tenant's schema stores beside its tables, and drop what is in the way."""
    place, characters = quoted(wanted.schema), f"CHARACTER SET {source.charset} COLLATE {source.collation}"
    if live is None:
        cursor.execute(f"CREATE DATABASE {place} {characters}")
        return
    if holds(live):
        old = quoted(replaced)
        cursor.execute(f"CREATE DATABASE IF NOT EXISTS {old} CHARACTER SET {live.charset} COLLATE {live.collation}")
        cursor.execute(
            f"CREATE TABLE IF NOT EXISTS {old}.{_DEFINITIONS} (kind VARCHAR(16), name VARCHAR(64), statement LONGTEXT,"
            " PRIMARY KEY (kind, name))"
        )
        for item in live.stored:
            cursor.execute(
                f"INSERT IGNORE INTO {old}.{_DEFINITIONS} VALUES (%s, %s, %s)", [item.kind, item.name, item.statement]
            )
    stored.drop(cursor, wanted.schema, out_of_date(live, source))
    if (live.charset, live.collation) != (source.charset, source.collation):
        cursor.execute(f"ALTER DATABASE {place} {characters}")


def _move(cursor: t.Any, wanted: Wanted, live: Inventory | None, source: Inventory, replaced: str) -> None:
    moves = [(wanted.schema, name, replaced) for name in (live.tables if live else ())]
    moves += [(wanted.restored, name, wanted.schema) for name in source.tables]
    if moves:
        pairs = (f"{quoted(here)}.{quoted(name)} TO {quoted(there)}.{quoted(name)}" for here, name, there in moves)
        cursor.execute(f"RENAME TABLE {', '.join(pairs)}")
