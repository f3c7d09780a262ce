# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Create and drop what a schema stores beside its tables: views, routines, triggers and events. The cursor is passed in."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.errors import MySQLError, explain
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.quoting import grant_pattern, quoted
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_restore.inventory import Stored
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_restore.rows import SETTINGS

_ORDER = {"FUNCTION": 0, "PROCEDURE": 1, "VIEW": 2, "TRIGGER": 3, "EVENT": 4}
_DEFINERS_RIGHTS = "SELECT, INSERT, UPDATE, DELETE, EXECUTE, SHOW VIEW, TRIGGER, EVENT"
_FIXES = {
    1418: " Fix: set log_bin_trust_function_creators to 1 in the parameter group.",
    1419: " Fix: set log_bin_trust_function_creators to 1 in the parameter group.",
}


def create(cursor: t.Any, schema: str, items: t.Iterable[Stored]) -> None:
    """Create what isn't there yet. One that needs another is tried again after it, as a view of a view."""
    cursor.execute(f"USE {quoted(schema)}")
    waiting = sorted(items, key=lambda item: _ORDER[item.kind])
    while waiting:
        failed: list[tuple[Stored, Exception]] = []
        for item in waiting:
            try:
                _create(cursor, item)
            except MySQLError as error:
                failed.append((item, error))
        if len(failed) == len(waiting):
            item, error = failed[0]
            fix = _FIXES.get(error.args[0], "")
            raise PlatformError(
                f"The {item.kind.lower()} {item.name} can't be created in {schema}: {explain(error)}{fix}"
            )
        waiting = [item for item, _error in failed]


def _create(cursor: t.Any, item: Stored) -> None:
    try:
        for name, value in item.settings:
            cursor.execute(f"SET SESSION {name} = %s", [value])
        cursor.execute(item.statement)
    finally:
        cursor.execute("SET NAMES utf8mb4")
        cursor.execute(SETTINGS)


def drop(cursor: t.Any, schema: str, items: t.Iterable[Stored]) -> None:
    """Drop what is stored in a schema."""
    for item in items:
        cursor.execute(f"DROP {item.kind} IF EXISTS {quoted(schema)}.{quoted(item.name)}")


def missing_definers(cursor: t.Any, items: t.Iterable[Stored]) -> list[str]:
    """Return the accounts that define something and don't exist, as those of tenants that were dropped."""
    cursor.execute("SELECT CONCAT(user, '@', host) FROM mysql.user")
    known = {row[0] for row in cursor.fetchall()}
    return sorted({item.definer for item in items} - known)


def create_locked(cursor: t.Any, account: str, schema: str) -> None:
    """Create an account that nobody can use until it is given another password and unlocked.

    What it defines in the schema works with its rights, so it gets those; the list of tenants sets them anew.
    """
    user, _at, host = account.rpartition("@")
    # An empty password couldn't be kept beside a new one. The server draws this one, and nobody reads it.
    cursor.execute("CREATE USER IF NOT EXISTS %s@%s IDENTIFIED BY RANDOM PASSWORD ACCOUNT LOCK", [user, host])
    cursor.execute("SELECT @@GLOBAL.partial_revokes")
    pattern = grant_pattern(schema, partial_revokes=bool(cursor.fetchone()[0]))
    cursor.execute(f"GRANT {_DEFINERS_RIGHTS} ON {quoted(pattern)}.* TO {quoted(user)}@{quoted(host)}")
