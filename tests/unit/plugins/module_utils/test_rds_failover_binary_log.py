# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Tell transactions that are nobody's rows from others, by events as MySQL shows them."""

from __future__ import annotations

import time

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover import binary_log
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.binary_log import (
    housekeeping,
    ranges,
)

_SERVER = "11111111-2222-3333-4444-555555555555"
_HEAD = [("Format_desc", "Server ver"), ("Previous_gtids", "")]
_KINDS = {
    "rds": [("Query", "BEGIN"), ("Table_map", "table_id: 90 (mysql.rds_heartbeat2)"), ("Update_rows", ""), ("Xid", "")],
    "beat": [("Query", "BEGIN"), ("Table_map", "table_id: 91 (platform.heartbeat)"), ("Update_rows", ""), ("Xid", "")],
    "row": [("Query", "BEGIN"), ("Table_map", "table_id: 92 (app.rows_of)"), ("Write_rows", ""), ("Xid", "")],
    "both": [
        ("Query", "BEGIN"),
        ("Table_map", "table_id: 92 (app.rows_of)"),
        ("Table_map", "table_id: 91 (platform.heartbeat)"),
        ("Write_rows", ""),
        ("Xid", ""),
    ],
    "lock": [("Query", "use `mysql`; ALTER USER IF EXISTS 'app'@'%' ACCOUNT LOCK /* xid=7 */")],
    "stop": [("Query", "ALTER EVENT `platform`.`heartbeat` DISABLE")],
    "ddl": [("Query", "use `app`; ALTER TABLE rows_of ADD x INT")],
    "user": [("Query", "ALTER USER 'app'@'%' IDENTIFIED BY <secret>")],
}


class Cursor:
    """A server's binary log, a file a list of kinds; the numbers go on from file to file."""

    def __init__(self, *files: list[str]):
        self.files, self.read = {}, []
        number = 0
        for position, kinds in enumerate(files):
            before = f"{_SERVER}:1-{number}" if number else ""
            events = [_HEAD[0], ("Previous_gtids", before)]
            for kind in kinds:
                number += 1
                events += [("Gtid", f"SET @@SESSION.GTID_NEXT= '{_SERVER}:{number}'"), *_KINDS[kind]]
            self.files[f"log.{position}"] = events
        self._rows: list[tuple] = []

    def execute(self, statement, values=()):
        if statement == "SHOW BINARY LOGS":
            self._rows = [(name, 1, "No") for name in self.files]
        elif "FROM" in statement and "BINLOG" in statement:
            file, position, count = values
            self.read.append(file)
            self._rows = self._shown(file)[position - 4 :][:count]
        elif "BINLOG" in statement:
            self._rows = self._shown(values[0])[:2]
        else:
            asked, before = (binary_log.ranges(text).get(_SERVER, []) for text in values[:2])
            self._rows = [(not any(low <= last and first <= high for low, high in asked for first, last in before),)]

    def _shown(self, file):
        return [(file, 4 + at, kind, 1, 5 + at, info) for at, (kind, info) in enumerate(self.files[file])]

    def fetchall(self):
        return self._rows

    def fetchone(self):
        return self._rows[0]


def _found(cursor: Cursor, gtids: str) -> list[int]:
    text = housekeeping(cursor, gtids, "platform", time.monotonic() + 5)
    return [int(part.rpartition(":")[2]) for part in text.split(",") if part]


def test_only_what_touches_nobody_s_rows_is_housekeeping():
    kinds = ["rds", "beat", "row", "both", "lock", "stop", "ddl", "user", "rds"]
    assert _found(Cursor(kinds), f"{_SERVER}:1-9") == [1, 2, 5, 6, 9]


def test_what_was_not_asked_for_is_left():
    assert _found(Cursor(["rds", "rds", "row", "rds"]), f"{_SERVER}:2-3") == [2]


def test_only_the_files_since_the_first_transaction_are_read():
    cursor = Cursor(["rds", "rds"], ["row", "rds"], ["beat", "row"])
    assert _found(cursor, f"{_SERVER}:4-6") == [4, 5]
    assert set(cursor.read) == {"log.1", "log.2"}


def test_long_files_are_read_by_pages(monkeypatch):
    monkeypatch.setattr(binary_log, "_PAGE", 3)
    assert _found(Cursor(["beat"] * 20 + ["row"]), f"{_SERVER}:1-21") == list(range(1, 21))


def test_what_is_not_read_in_time_counts_as_somebody_s():
    assert housekeeping(Cursor(["rds"] * 5), f"{_SERVER}:1-5", "platform", time.monotonic() - 1) == ""


@pytest.mark.parametrize(
    ("gtids", "expected"),
    [
        ("", {}),
        (f"{_SERVER}:1-3:7", {_SERVER: [(1, 3), (7, 7)]}),
        (f"{_SERVER}:5,\n{_SERVER.replace('1', 'a')}:1-2", {_SERVER: [(5, 5)], _SERVER.replace("1", "a"): [(1, 2)]}),
        (f"{_SERVER}:tag:1-3", {}),
    ],
)
def test_sets_are_read_as_mysql_writes_them(gtids, expected):
    assert ranges(gtids) == expected
