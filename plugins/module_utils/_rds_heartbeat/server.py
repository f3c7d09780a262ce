# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read and write the heartbeat of a MySQL server: a row that an event updates every second. The cursor is passed in.

Replicas hold the event disabled or, where they began as a copy of the data, enabled and without effect, since it checks read_only.
"""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_heartbeat.model import (
    NAME,
    RELEASE,
    SECONDS,
    Event,
    State,
)

_AGE = "TIMESTAMPDIFF(MICROSECOND, at, UTC_TIMESTAMP(6))"


def _one(cursor: t.Any, statement: str, values: t.Sequence[t.Any] = ()) -> tuple | None:
    cursor.execute(statement, values)
    return cursor.fetchone()


def _write(schema: str) -> str:
    return f"REPLACE INTO `{schema}`.`{NAME}` (id, at) VALUES (1, UTC_TIMESTAMP(6))"


def read(cursor: t.Any, schema: str) -> State:
    """Read the schema, the table and the event of the heartbeat, and its age."""
    user, read_only, scheduler = _one(cursor, "SELECT CURRENT_USER(), @@GLOBAL.read_only, @@GLOBAL.event_scheduler")
    has_schema = _one(cursor, "SELECT 1 FROM information_schema.schemata WHERE schema_name = %s", [schema])
    table = _has_table(cursor, schema)
    event = _one(
        cursor,
        "SELECT definer, status, event_comment, CONCAT(interval_value, ' ', interval_field) FROM information_schema.events"
        " WHERE event_schema = %s AND event_name = %s",
        [schema, NAME],
    )
    return State(
        user=user,
        read_only=bool(read_only),
        scheduler=scheduler,
        schema=bool(has_schema),
        table=table,
        event=Event(*event) if event else None,
        age_us=age_us(cursor, schema) if table else None,
    )


def _has_table(cursor: t.Any, schema: str) -> bool:
    where = "WHERE table_schema = %s AND table_name = %s"
    return bool(_one(cursor, f"SELECT 1 FROM information_schema.tables {where}", [schema, NAME]))


def age_us(cursor: t.Any, schema: str) -> int | None:
    """Return the microseconds since the last beat that this server has; None where it never had one."""
    row = _one(cursor, f"SELECT {_AGE} FROM `{schema}`.`{NAME}` WHERE id = 1")
    return row[0] if row else None


def last(cursor: t.Any, schema: str) -> str | None:
    """Return the time of the last beat that this server has, ISO 8601 in UTC; None where it never had one."""
    if not _has_table(cursor, schema):
        return None
    row = _one(cursor, f"SELECT at FROM `{schema}`.`{NAME}` WHERE id = 1")
    return f"{row[0].isoformat(timespec='microseconds')}+00:00" if row else None


def apply(cursor: t.Any, schema: str, changes: t.Iterable[Change]) -> None:
    """Apply the changes of a plan."""
    for change in changes:
        if change.kind == "schema":
            cursor.execute(f"CREATE DATABASE IF NOT EXISTS `{schema}`")
        elif change.kind == "table":
            cursor.execute(
                f"CREATE TABLE IF NOT EXISTS `{schema}`.`{NAME}` (id TINYINT PRIMARY KEY, at DATETIME(6) NOT NULL)"
            )
        else:
            cursor.execute(f"DROP EVENT IF EXISTS `{schema}`.`{NAME}`")
            cursor.execute(
                f"CREATE EVENT `{schema}`.`{NAME}` ON SCHEDULE EVERY {SECONDS} SECOND ON COMPLETION PRESERVE"
                f" COMMENT '{RELEASE}' DO BEGIN IF NOT @@GLOBAL.read_only THEN {_write(schema)}; END IF; END"
            )


def beat(cursor: t.Any, schema: str) -> None:
    """Write one beat."""
    cursor.execute(_write(schema))


def switch(cursor: t.Any, schema: str, *, on: bool) -> bool:
    """Enable or disable the event. Return False where there is none."""
    statement = "SELECT 1 FROM information_schema.events WHERE event_schema = %s AND event_name = %s"
    if not _one(cursor, statement, [schema, NAME]):
        return False
    cursor.execute(f"ALTER EVENT `{schema}`.`{NAME}` {'ENABLE' if on else 'DISABLE'}")
    return True
