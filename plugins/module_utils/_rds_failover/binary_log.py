# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Find which transactions are nobody's rows: RDS's own, the heartbeats and the fence's locks. A cursor of the server is passed in.

RDS writes its heartbeat (mysql.rds_heartbeat2) to the binary log, as the platform's writes its own every second, so that a writer
that was left has transactions of its own whether anybody used it or not. The binary log tells whose they are.
"""

from __future__ import annotations

import contextlib
import re
import time
import typing as t

_GTID = re.compile(r"'([0-9a-f-]{36}):(\d+)'", re.IGNORECASE)
_TABLE = re.compile(r"\((?P<schema>.*?)\.(?P<table>.*)\)")
_PAGE = 2000
# Of a transaction, what says nothing about whose it is.
_SILENT = frozenset({"Rows_query", "Xid", "Write_rows", "Update_rows", "Delete_rows", "Stop", "Rotate"})

Ranges = dict[str, list[tuple[int, int]]]


def ranges(gtids: str) -> Ranges:
    """Return the ranges of a GTID set by server. Tagged transactions, which neither RDS nor the platform makes, are left out."""
    found: Ranges = {}
    for part in gtids.replace("\n", "").replace(" ", "").split(","):
        server, *spans = part.split(":")
        for span in spans:
            first, _hyphen, last = span.partition("-")
            if not first.isdigit():
                break  # a tag
            found.setdefault(server.lower(), []).append((int(first), int(last or first)))
    return found


def housekeeping(cursor: t.Any, gtids: str, schema: str, deadline: float) -> str:
    """Return those of a set's transactions that are nobody's rows; ``schema`` has the platform's heartbeat.

    What isn't read before the deadline counts as somebody's.
    """
    wanted = ranges(gtids)
    left = sum(last - first + 1 for spans in wanted.values() for first, last in spans)
    found: list[str] = []
    with contextlib.suppress(TimeoutError):
        for gtid, events in _transactions(cursor, gtids, deadline):
            if not _holds(wanted, gtid):
                continue
            if all(_is_housekeeping(kind, info, schema) for kind, info in events):
                found.append(f"{gtid[0]}:{gtid[1]}")
            left -= 1
            if not left:
                break
    return ",".join(found)


def _holds(wanted: Ranges, gtid: tuple[str, int]) -> bool:
    return any(first <= gtid[1] <= last for first, last in wanted.get(gtid[0], ()))


def _is_housekeeping(kind: str, info: str, schema: str) -> bool:
    if kind == "Table_map":
        table = _TABLE.search(info)
        return bool(table) and _is_ours(table["schema"], table["table"], schema)
    if kind == "Query":
        return info == "BEGIN" or _is_of_the_fence(info, schema)
    return kind in _SILENT


def _is_ours(schema: str, table: str, heartbeat: str) -> bool:
    return (schema == "mysql" and table.startswith("rds_")) or (schema, table) == (heartbeat, "heartbeat")


def _is_of_the_fence(info: str, schema: str) -> bool:
    """Return whether a statement is one with which the fence locks accounts and stops the heartbeat."""
    statement = re.sub(r"^use `.*?`; ", "", info)
    locks = statement.startswith("ALTER USER IF EXISTS ") and "ACCOUNT LOCK" in statement
    return locks or statement.startswith(f"ALTER EVENT `{schema}`.`heartbeat`")


def _transactions(
    cursor: t.Any, gtids: str, deadline: float
) -> t.Iterator[tuple[tuple[str, int], list[tuple[str, str]]]]:
    """Yield the transactions since the first one of a set, each with its events."""
    for file in _files(cursor, gtids):
        gtid, events = None, []  # none goes on in the next file
        for kind, info in _events(cursor, file, deadline):
            if kind in ("Gtid", "Anonymous_Gtid"):
                if gtid:
                    yield gtid, events
                match = _GTID.search(info)
                gtid, events = (match[1].lower(), int(match[2])) if match else None, []
            elif gtid:
                events.append((kind, info))
        if gtid:
            yield gtid, events


def _files(cursor: t.Any, gtids: str) -> list[str]:
    """Return the files of the binary log that a set's transactions may be in: each begins with what was before it."""
    cursor.execute("SHOW BINARY LOGS")
    found: list[str] = []
    for file in reversed([row[0] for row in cursor.fetchall()]):
        found.insert(0, file)
        cursor.execute("SHOW BINLOG EVENTS IN %s LIMIT 2", [file])
        before = next((row[5] for row in cursor.fetchall() if row[2] == "Previous_gtids"), "")
        cursor.execute("SELECT GTID_SUBTRACT(%s, %s) = GTID_SUBTRACT(%s, '')", [gtids, before, gtids])
        if cursor.fetchone()[0]:
            break
    return found


def _events(cursor: t.Any, file: str, deadline: float) -> t.Iterator[tuple[str, str]]:
    position = 4
    while True:
        if time.monotonic() >= deadline:
            raise TimeoutError
        cursor.execute("SHOW BINLOG EVENTS IN %s FROM %s LIMIT %s", [file, position, _PAGE])
        rows = cursor.fetchall()
        for row in rows:
            yield row[2], row[5]
        if len(rows) < _PAGE:
            return
        position = rows[-1][4]
