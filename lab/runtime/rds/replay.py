# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Apply binary logs to a restored server: they lie where a replica has what it received, and the server applies them as one does.

Transactions that the base holds already are passed over by their GTIDs.
"""

from __future__ import annotations

import time

from lab.runtime.rds.server import ServerError

_NO_SOURCE = "backup.invalid"
_TIMEOUT, _ASK = 600.0, 5


def apply(cursor, gtids: str) -> None:
    """Apply the logs that were laid, up to the last of the transactions. An attempt that was cut off is gone on with."""
    cursor.execute("SELECT host FROM performance_schema.replication_connection_configuration")
    if [_NO_SOURCE] not in [list(row) for row in cursor.fetchall()]:
        cursor.execute(
            "CHANGE REPLICATION SOURCE TO RELAY_LOG_FILE = 'relay.000001', RELAY_LOG_POS = 4,"
            f" SOURCE_HOST = '{_NO_SOURCE}', SOURCE_USER = 'nobody', SOURCE_AUTO_POSITION = 0"
        )
    cursor.execute("START REPLICA SQL_THREAD")
    deadline = time.monotonic() + _TIMEOUT
    while not _executed(cursor, gtids):
        if problem := _problem(cursor):
            raise ServerError(f"the logs of the backup can't be applied: {problem}")
        if time.monotonic() > deadline:
            raise ServerError(f"the logs of the backup were not applied within {_TIMEOUT:.0f} s")
    cursor.execute("STOP REPLICA")
    cursor.execute("RESET REPLICA ALL")
    _enable_events(cursor)


def _executed(cursor, gtids: str) -> bool:
    cursor.execute("SELECT WAIT_FOR_EXECUTED_GTID_SET(%s, %s)", [gtids, _ASK])
    return cursor.fetchone()[0] == 0


def _problem(cursor) -> str:
    found = []
    for place in ("coordinator", "worker"):
        cursor.execute(
            "SELECT last_error_message FROM performance_schema.replication_applier_status_by_"
            + place
            + " WHERE last_error_number <> 0"
        )
        found += [row[0] for row in cursor.fetchall()]
    return "; ".join(found)


def _enable_events(cursor) -> None:
    """Enable the events, which are applied as disabled, as on a replica: also those that were disabled in the source."""
    cursor.execute(
        "SELECT event_schema, event_name, definer FROM information_schema.events WHERE status IN"
        " ('SLAVESIDE_DISABLED', 'REPLICA_SIDE_DISABLED')"
    )
    disabled = cursor.fetchall()
    cursor.execute("SET sql_log_bin = 0")
    for schema, name, definer in disabled:
        user, _at, host = definer.rpartition("@")
        event = ".".join(f"`{word.replace('`', '``')}`" for word in (schema, name))
        cursor.execute(f"ALTER DEFINER = %s@%s EVENT {event} ENABLE", [user, host])
    cursor.execute("SET sql_log_bin = 1")
