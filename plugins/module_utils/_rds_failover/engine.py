# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""One MySQL server of a failover, as RDS's master user may ask and change it; a function that connects is passed in."""

from __future__ import annotations

import contextlib
import time
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.session import asking
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.sessions import end_sessions
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.lag import Worker, lag_ms
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.model import Replication
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_heartbeat import server as heartbeat
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_heartbeat.model import NAME, plan

_INTERVAL = 0.02

_WORKERS = (
    "SELECT TIMESTAMPDIFF(MICROSECOND, last_applied_transaction_original_commit_timestamp,"
    " last_applied_transaction_end_apply_timestamp),"
    " TIMESTAMPDIFF(MICROSECOND, last_applied_transaction_end_apply_timestamp, NOW(6)),"
    " IF(applying_transaction = '', NULL,"
    " TIMESTAMPDIFF(MICROSECOND, applying_transaction_original_commit_timestamp, NOW(6)))"
    " FROM performance_schema.replication_applier_status_by_worker WHERE last_applied_transaction <> ''"
)
_THREADS = (
    "SELECT c.service_state, c.last_error_number, a.service_state, MAX(w.last_error_number)"
    " FROM performance_schema.replication_connection_status c"
    " JOIN performance_schema.replication_applier_status a USING (channel_name)"
    " LEFT JOIN performance_schema.replication_applier_status_by_worker w USING (channel_name)"
    " GROUP BY channel_name, c.service_state, c.last_error_number, a.service_state"
)
# Who can log in and isn't RDS's own. Roles and MySQL's own users are locked anyway; SYSTEM_USER is what the master can't change.
_ACCOUNTS = (
    "SELECT u.user, u.host FROM mysql.user u WHERE u.account_locked = 'N' AND u.user NOT LIKE 'rds%%admin' AND u.user <> %s"
    " AND NOT EXISTS (SELECT 1 FROM mysql.global_grants g"
    " WHERE g.user = u.user AND g.host = u.host AND g.priv = 'SYSTEM_USER')"
)
_SESSIONS = (
    "SELECT id, user FROM performance_schema.processlist WHERE id <> CONNECTION_ID() AND command NOT LIKE 'Binlog Dump%%'"
    " AND user NOT IN ('system user', 'event_scheduler') AND user NOT LIKE 'rds%%admin'"
)
_OTHER_EVENTS = (
    "SELECT event_schema, event_name FROM information_schema.events WHERE status = 'ENABLED'"
    " AND NOT (event_schema = %s AND event_name = %s)"
)
_LOGGING_IN = "unauthenticated user"

Account = tuple[str, str]


class Engine:
    """A server and one session with it, which is made where it is needed and again where it was lost."""

    def __init__(self, connect: t.Callable[[], t.Any], user: str, place: str, schema: str):
        self._connect = connect
        self._user = user
        self._schema = schema
        self._connection: t.Any = None
        self.place = place

    def close(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(Exception):
                self._connection.close()
        self._connection = None

    @contextlib.contextmanager
    def _asking(self, what: str) -> t.Iterator[t.Any]:
        try:
            with asking(what, self.place):
                self._connection = self._connection or self._connect()
                with self._connection.cursor() as cursor:
                    yield cursor
        except PlatformError:
            self.close()
            raise

    def _one(self, what: str, statement: str, values: t.Sequence[t.Any] = ()) -> tuple:
        with self._asking(what) as cursor:
            cursor.execute(statement, values)
            return cursor.fetchone()

    # What it tells

    def replication(self) -> Replication:
        with self._asking("read the replication") as cursor:
            cursor.execute("SELECT @@GLOBAL.read_only")
            read_only = bool(cursor.fetchone()[0])
            cursor.execute(_THREADS)
            threads = cursor.fetchone()
            cursor.execute(_WORKERS)
            workers = [Worker(*row) for row in cursor.fetchall()]
            there = heartbeat.last(cursor, self._schema) is not None
            age = heartbeat.age_us(cursor, self._schema) if there else None
        beat_age = None if age is None else round(age / 1000, 1)
        if not threads:
            return Replication(read_only, None, None, (), None, beat_age, there)
        connection, connection_error, applier, applier_error = threads
        problems = []
        if connection != "ON":
            problems.append(f"it does not receive (state {connection}, error {connection_error})")
        if applier != "ON":
            problems.append(f"it does not apply (state {applier}, error {applier_error or 0})")
        return Replication(
            read_only, connection == "ON", applier == "ON", tuple(problems), lag_ms(workers, age), beat_age, there
        )

    def read_only(self) -> bool:
        return bool(self._one("read whether it takes writes", "SELECT @@GLOBAL.read_only")[0])

    def executed(self) -> str:
        return self._one("read the executed transactions", "SELECT @@GLOBAL.gtid_executed")[0].replace("\n", "")

    def received(self) -> str:
        statement = "SELECT received_transaction_set FROM performance_schema.replication_connection_status"
        row = self._one("read the received transactions", statement)
        return row[0].replace("\n", "") if row else ""

    def missing(self, transactions: str) -> str:
        """Those of a set that this server has not."""
        row = self._one("compare transactions", "SELECT GTID_SUBTRACT(%s, @@GLOBAL.gtid_executed)", [transactions])
        return row[0].replace("\n", "")

    def wait_for(self, transactions: str, seconds: float) -> bool:
        """Wait until a set of transactions is executed here; False where the time is over."""
        statement = "SELECT WAIT_FOR_EXECUTED_GTID_SET(%s, %s)"
        return self._one("wait for transactions", statement, [transactions, max(0.001, seconds)])[0] == 0

    def last_beat(self) -> str | None:
        with self._asking("read the heartbeat") as cursor:
            return heartbeat.last(cursor, self._schema)

    def other_events(self) -> list[str]:
        """Enabled events but for the heartbeat: they write without a session, whoever is locked."""
        with self._asking("list the events") as cursor:
            cursor.execute(_OTHER_EVENTS, [self._schema, NAME])
            return [".".join(row) for row in cursor.fetchall()]

    # What it is told

    def accounts(self) -> list[Account]:
        """Those that can log in, but for the one that this session uses."""
        with self._asking("list the accounts") as cursor:
            cursor.execute(_ACCOUNTS, [self._user])
            return [tuple(row) for row in cursor.fetchall()]

    def lock(self, accounts: t.Sequence[Account], *, locked: bool) -> None:
        """In one statement, which holds for all of them or none."""
        if not accounts:
            return
        with self._asking("lock the accounts" if locked else "unlock the accounts") as cursor:
            names = ", ".join(["%s@%s"] * len(accounts))
            values = [part for account in accounts for part in account]
            cursor.execute(f"ALTER USER IF EXISTS {names} ACCOUNT {'LOCK' if locked else 'UNLOCK'}", values)

    def end_all_sessions(self, deadline: float) -> int:
        """End the sessions of everybody else until there are none; returns how many were ended.

        Who was logging in when the accounts were locked may still come in: these are waited for.
        """
        with self._asking("end the sessions") as cursor:
            entering: set[int] | None = None
            ended: set[int] = set()
            while True:
                cursor.execute(_SESSIONS)
                rows = cursor.fetchall()
                found = {number for number, user in rows if user != _LOGGING_IN}
                logging_in = {number for number, user in rows if user == _LOGGING_IN}
                entering = logging_in if entering is None else entering & logging_in
                if not found and not entering:
                    return len(ended)
                if time.monotonic() >= deadline:
                    raise PlatformError(
                        f"{len(found | entering)} sessions in {self.place} did not end in time. Look at them with "
                        "SHOW PROCESSLIST; a longer O(fence_timeout) may help."
                    )
                end_sessions(cursor, sorted(found - ended))
                ended |= found
                time.sleep(_INTERVAL)

    def beating(self, *, on: bool) -> None:
        with self._asking("switch the heartbeat") as cursor:
            heartbeat.switch(cursor, self._schema, on=on)

    def prove_write(self) -> None:
        """Write a beat; MySQL refuses it where the server takes no writes. What it takes is made where it is missing."""
        with self._asking("write to the new writer") as cursor:
            if heartbeat.last(cursor, self._schema) is None:
                heartbeat.apply(cursor, self._schema, plan(self._schema, heartbeat.read(cursor, self._schema)))
            heartbeat.beat(cursor, self._schema)

    def let_beat(self) -> None:
        """Let the heart beat by itself: replicas hold the event disabled."""
        with self._asking("set the heartbeat up") as cursor:
            heartbeat.apply(cursor, self._schema, plan(self._schema, heartbeat.read(cursor, self._schema)))
