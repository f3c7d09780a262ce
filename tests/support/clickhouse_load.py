# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Insert into ClickHouse through views of every kind, and tell afterwards that each row is there exactly once."""

from __future__ import annotations

import contextlib
import http.client
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from lab.clickhouse.lifecycle import ADMINISTRATOR
from tests.support.clickhouse import Server

_SOURCE = "live_in"  # holds what is inserted into; the views are in another database, which is backed up
_TABLES = ("plain", "nothing")
# Each view with the query that tells how many rows it took. They are in the database that is backed up, and take rows of
# tables that are not: a copy of one takes them too.
_VIEWS = {
    "into_a_table_elsewhere": ("TO live_in.taken AS SELECT id FROM live_in.plain", "SELECT count() FROM live_in.taken"),
    "into_a_table_beside": ("TO {db}.beside AS SELECT id FROM live_in.plain", "SELECT count() FROM {db}.beside"),
    "with_rows_of_its_own": (
        "ENGINE = SummingMergeTree ORDER BY one AS SELECT 1 AS one, count() AS rows FROM live_in.plain GROUP BY one",
        "SELECT sum(rows) FROM {db}.with_rows_of_its_own",
    ),
    "of_a_null_table": ("TO live_in.of_null AS SELECT id FROM live_in.nothing", "SELECT count() FROM live_in.of_null"),
    "of_another_view": ("TO live_in.second AS SELECT id FROM live_in.taken", "SELECT count() FROM live_in.second"),
}


@dataclass
class Load:
    """The rounds of inserts so far, one into each table, and which inserts failed."""

    server: Server
    database: str
    rounds: int = 0
    errors: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def inserts(self) -> int:
        return self.rounds * len(_TABLES)

    def surplus(self) -> dict[str, int]:
        """Return, of each view, how many rows there are more than inserts."""
        counted = {name: self.server(count.format(db=self.database)) for name, (_definition, count) in _VIEWS.items()}
        return {name: int(rows) - self.rounds for name, rows in counted.items()}


def create(server: Server, database: str) -> None:
    """Create the tables that are inserted into, and a database of views of them, with what else acts by itself."""
    server(f"DROP DATABASE IF EXISTS {_SOURCE} SYNC")
    for name in (_SOURCE, database):
        server(f"CREATE DATABASE {name}")
    for name in ("taken", "of_null", "second", "plain"):
        server(f"CREATE TABLE {_SOURCE}.{name} (id UInt64) ENGINE = MergeTree ORDER BY id")
    server(f"CREATE TABLE {_SOURCE}.nothing (id UInt64) ENGINE = Null")
    server(f"CREATE TABLE {_SOURCE}.appended (at DateTime) ENGINE = MergeTree ORDER BY at")
    server(f"CREATE TABLE {database}.beside (id UInt64) ENGINE = MergeTree ORDER BY id")
    for name, (definition, _count) in _VIEWS.items():
        server(f"CREATE MATERIALIZED VIEW {database}.{name} {definition.format(db=database)}")
    server(
        f"CREATE MATERIALIZED VIEW {database}.refreshed REFRESH EVERY 1 YEAR APPEND TO {_SOURCE}.appended EMPTY "
        "AS SELECT now() AS at"
    )
    server(f"CREATE VIEW {database}.plain_view AS SELECT count() AS rows FROM {database}.beside")
    server(
        f"CREATE DICTIONARY {database}.dictionary (id UInt64, twice UInt64) PRIMARY KEY id "
        f"SOURCE(CLICKHOUSE(QUERY 'SELECT id, id FROM {_SOURCE}.plain')) LAYOUT(FLAT()) LIFETIME(1)"
    )
    server(f"CREATE TABLE {database}.buffer (id UInt64) ENGINE = Buffer({_SOURCE}, plain, 1, 1, 1, 1, 1, 1, 1)")


def drop(server: Server, *databases: str) -> None:
    for name in (*databases, _SOURCE):
        server(f"DROP DATABASE IF EXISTS {name} SYNC")


@contextlib.contextmanager
def inserting(server: Server, database: str, threads: int = 2) -> Iterator[Load]:
    """Insert row by row, into each table by turns, until the context ends."""
    load, stop = Load(server, database), threading.Event()
    workers = [threading.Thread(target=_insert, args=(load, stop)) for _number in range(threads)]
    for worker in workers:
        worker.start()
    try:
        yield load
    finally:
        stop.set()
        for worker in workers:
            worker.join()


def _insert(load: Load, stop: threading.Event) -> None:
    process = load.server.process
    trust = ssl.create_default_context(cafile=str(process.stack.settings.ca_certificate))
    address = urlsplit(process.url)
    connection = http.client.HTTPSConnection(address.hostname, address.port, timeout=120, context=trust)
    headers = {"X-ClickHouse-User": ADMINISTRATOR, "X-ClickHouse-Key": process.password}
    session = f"/?session_id=load-{threading.get_ident()}"
    while not stop.is_set():
        for table in _TABLES:
            connection.request("POST", session, f"INSERT INTO {_SOURCE}.{table} VALUES (1)".encode(), headers)
            answer = connection.getresponse()
            text = answer.read().decode()
            if answer.status != 200:
                load.errors.append(text)
        with load.lock:
            load.rounds += 1
    connection.close()
