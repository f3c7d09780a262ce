# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Load a schema's tables and rows into a new schema of another server, and compare both. Functions that connect are passed in."""

from __future__ import annotations

import contextlib
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.errors import asking
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.quoting import quoted
from ansible_collections.knowledgecity.platform.plugins.module_utils._parallel import in_parallel
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_restore import progress, rows
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_restore.inventory import Inventory
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_restore.model import (
    LOADED,
    LOADING,
    Wanted,
)

try:
    from pymysql.cursors import SSCursor
except ImportError:  # main() reports the missing library
    SSCursor = None

Connect = t.Callable[[], t.Any]


@contextlib.contextmanager
def _cursor(connect: Connect, schema: str, place: str, what: str, kind: t.Any = None) -> t.Iterator[t.Any]:
    with asking(what, place), contextlib.closing(connect()) as connection, connection.cursor(kind) as cursor:
        cursor.execute(rows.SETTINGS)
        cursor.execute(f"USE {quoted(schema)}")
        yield cursor


class Loading:
    """One loading: from a schema of the source to the new one of the target, some tables at the same time."""

    def __init__(self, wanted: Wanted, source: Connect, target: Connect, place: str, parallel: int):
        self._wanted = wanted
        self._source = source
        self._target = target
        self._place = place
        self._parallel = parallel

    def run(self, cursor: t.Any, inventory: Inventory) -> dict[str, t.Any]:
        """Load the schema anew, compare it, and return the comparison. Raise PlatformError where they differ."""
        wanted, name = self._wanted, quoted(self._wanted.restored)
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {name} CHARACTER SET {inventory.charset} COLLATE {inventory.collation}")
        progress.write(cursor, wanted.restored, LOADING, wanted.source)
        cursor.execute(rows.SETTINGS)
        cursor.execute(f"USE {name}")
        for statement in inventory.tables.values():
            cursor.execute(statement)
        tables = sorted(inventory.tables)
        in_parallel(lambda table: self._copy(table, inventory), tables, self._parallel)
        compared = in_parallel(lambda table: self._compare(table, inventory), tables, self._parallel)
        differing = [table for table, (one, other) in zip(tables, compared, strict=True) if one != other]
        if differing:
            raise PlatformError(
                f"{wanted.restored} differs from {wanted.schema} of {wanted.source} in {', '.join(differing)}. It is not marked as "
                "loaded. Fix: see that nobody writes to the restored instance, and run again."
            )
        progress.write(cursor, wanted.restored, LOADED, wanted.source)
        return {"tables": len(tables), "rows": sum(int(one[0]) for one, _other in compared)}

    def _copy(self, table: str, inventory: Inventory) -> int:
        wanted, columns = self._wanted, inventory.columns[table]
        with (
            _cursor(self._source, wanted.schema, wanted.source, f"read the table {table}", SSCursor) as source,
            _cursor(self._target, wanted.restored, self._place, f"load the table {table}") as target,
        ):
            return rows.copy(source, target, table, columns)

    def _compare(self, table: str, inventory: Inventory) -> tuple[tuple[str, ...], tuple[str, ...]]:
        wanted, columns = self._wanted, inventory.columns[table]
        with _cursor(self._source, wanted.schema, wanted.source, f"compare the table {table}") as cursor:
            one = rows.fingerprint(cursor, table, columns)
        with _cursor(self._target, wanted.restored, self._place, f"compare the table {table}") as cursor:
            return one, rows.fingerprint(cursor, table, columns)
