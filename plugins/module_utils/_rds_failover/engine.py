# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read and change one MySQL server of a failover with the rights of RDS's master user; a function that connects is passed in."""

from __future__ import annotations

import json
import time
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.session import (
    Session,
    end_sessions,
    sessions_schema,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.binary_log import housekeeping
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
    "SELECT id, user FROM {schema}.processlist WHERE id <> CONNECTION_ID() AND command NOT LIKE 'Binlog Dump%%'"
    " AND user NOT IN ('system user', 'event_scheduler') AND user NOT LIKE 'rds%%admin'"
)
_OTHER_EVENTS = (
    "SELECT event_schema, event_name FROM information_schema.events WHERE status = 'ENABLED'"
    " AND definer NOT LIKE 'rds%%admin@%%' AND NOT (event_schema = %s AND event_name = %s)"
)
_VERSIONS = "SELECT user, user_attributes ->> '$.metadata.secret_version' FROM mysql.user WHERE host = '%'"
_LOGGING_IN = "unauthenticated user"

Account = tuple[str, str]


class Engine:
    """A server, with one session that is opened where it is needed."""

    def __init__(self, connect: t.Callable[[], t.Any], user: str, place: str, schema: str):
        self._session = Session(connect, place)
        self._user = user
        self._schema = schema

    @property
    def place(self) -> str:
        """Name the instance and its region, for messages."""
        return self._session.place

    def close(self) -> None:
        """Close the session; the next question opens another."""
        self._session.close()

    # Reads

    def replication(self) -> Replication:
        """Read the state of the replication, and how far the server is behind."""
        with self._session.asking("read the replication") as cursor:
            cursor.execute("SELECT @@GLOBAL.read_only, @@GLOBAL.performance_schema")
            read_only, seen = (bool(value) for value in cursor.fetchone())
            cursor.execute(_THREADS)
            threads = cursor.fetchone()
            cursor.execute(_WORKERS)
            workers = [Worker(*row) for row in cursor.fetchall()]
            there = heartbeat.last(cursor, self._schema) is not None
            age = heartbeat.age_us(cursor, self._schema) if there else None
        beat_age = None if age is None else round(age / 1000, 1)
        if not threads:
            return Replication(read_only, None, None, (), None, beat_age, there, seen)
        connection, connection_error, applier, applier_error = threads
        problems = []
        if connection != "ON":
            problems.append(f"it does not receive (state {connection}, error {connection_error})")
        if applier != "ON":
            problems.append(f"it does not apply (state {applier}, error {applier_error or 0})")
        lag = lag_ms(workers, age)
        return Replication(read_only, connection == "ON", applier == "ON", tuple(problems), lag, beat_age, there, seen)

    def read_only(self) -> bool:
        """Read whether the server refuses writes."""
        return bool(self._session.row("read whether it takes writes", "SELECT @@GLOBAL.read_only")[0])

    def executed(self) -> str:
        """Read the set of transactions (GTIDs) that the server has executed."""
        return self._session.row("read the executed transactions", "SELECT @@GLOBAL.gtid_executed")[0].replace("\n", "")

    def received(self) -> str:
        """Read the set of transactions (GTIDs) that a replica has received."""
        statement = "SELECT received_transaction_set FROM performance_schema.replication_connection_status"
        row = self._session.row("read the received transactions", statement)
        return row[0].replace("\n", "") if row else ""

    def missing(self, transactions: str) -> str:
        """Return the transactions of a set that the server has not executed."""
        row = self._session.row(
            "compare transactions", "SELECT GTID_SUBTRACT(%s, @@GLOBAL.gtid_executed)", [transactions]
        )
        return row[0].replace("\n", "")

    def housekeeping(self, transactions: str, seconds: float) -> str:
        """Return those of its transactions that are nobody's rows: RDS's own, the heartbeats and the locks of a fence."""
        if not transactions:
            return ""
        with self._session.asking("read the binary log") as cursor:
            return housekeeping(cursor, transactions, self._schema, time.monotonic() + seconds)

    def subtract(self, transactions: str, others: str) -> str:
        """Return the transactions of a set that are not in another one."""
        row = self._session.row("compare transactions", "SELECT GTID_SUBTRACT(%s, %s)", [transactions, others])
        return row[0].replace("\n", "")

    def wait_for(self, transactions: str, seconds: float) -> bool:
        """Wait until the server has executed a set of transactions. Return False after so many seconds."""
        statement = "SELECT WAIT_FOR_EXECUTED_GTID_SET(%s, %s)"
        return self._session.row("wait for transactions", statement, [transactions, max(0.001, seconds)])[0] == 0

    def last_beat(self) -> str | None:
        """Read the time of the last heartbeat, ISO 8601 in UTC; None where there is none."""
        with self._session.asking("read the heartbeat") as cursor:
            return heartbeat.last(cursor, self._schema)

    def other_events(self) -> list[str]:
        """List the enabled events except the heartbeat and RDS's own. They write without a session, so no lock stops them."""
        with self._session.asking("list the events") as cursor:
            cursor.execute(_OTHER_EVENTS, [self._schema, NAME])
            return [".".join(row) for row in cursor.fetchall()]

    # Writes

    def accounts(self) -> list[Account]:
        """List the accounts that can log in, except the one of this session."""
        with self._session.asking("list the accounts") as cursor:
            cursor.execute(_ACCOUNTS, [self._user])
            return [tuple(row) for row in cursor.fetchall()]

    def lock(self, accounts: t.Sequence[Account], *, locked: bool) -> None:
        """Lock or unlock accounts in one statement, which changes all of them or none."""
        if not accounts:
            return
        with self._session.asking("lock the accounts" if locked else "unlock the accounts") as cursor:
            names = ", ".join(["%s@%s"] * len(accounts))
            values = [part for account in accounts for part in account]
            cursor.execute(f"ALTER USER IF EXISTS {names} ACCOUNT {'LOCK' if locked else 'UNLOCK'}", values)

    def end_all_sessions(self, deadline: float) -> int:
        """End all other sessions until there are none, and return how many were ended.

        A session that was logging in when the accounts were locked may still be opened, so it is waited for.
        """
        with self._session.asking("end the sessions") as cursor:
            entering: set[int] | None = None
            ended: set[int] = set()
            schema = sessions_schema(cursor)
            while True:
                cursor.execute(_SESSIONS.format(schema=schema))
                rows = cursor.fetchall()
                found = {number for number, user in rows if user != _LOGGING_IN}
                logging_in = {number for number, user in rows if user == _LOGGING_IN}
                entering = logging_in if entering is None else entering & logging_in
                if not found and not entering:
                    return len(ended)
                if time.monotonic() >= deadline:
                    raise PlatformError(
                        f"{len(found | entering)} sessions in {self.place} did not end in time. Hint: list them with "
                        "SHOW PROCESSLIST, or raise O(fence_timeout)."
                    )
                end_sessions(cursor, sorted(found - ended))
                ended |= found
                time.sleep(_INTERVAL)

    def note_versions(self, versions: t.Mapping[str, tuple[str, str]]) -> None:
        """Note at users that the version of their secret changed, and not their password; ``versions`` are before and now.

        A user whose password is another version's is left, so that it is set by the next run of rds_tenant_db.
        """
        if not versions:
            return
        with self._session.asking("note the versions of secrets") as cursor:
            cursor.execute(_VERSIONS)
            held = dict(cursor.fetchall())
            for user, (before, now) in versions.items():
                if before and held.get(user) == before:
                    cursor.execute("ALTER USER %s@'%%' ATTRIBUTE %s", [user, json.dumps({"secret_version": now})])

    def beating(self, *, on: bool) -> None:
        """Enable or disable the event that writes the heartbeat."""
        with self._session.asking("switch the heartbeat") as cursor:
            heartbeat.switch(cursor, self._schema, on=on)

    def prove_write(self) -> None:
        """Write a heartbeat, which MySQL refuses where the server takes no writes. Create its table where it is missing."""
        with self._session.asking("write to the new writer") as cursor:
            if heartbeat.last(cursor, self._schema) is None:
                heartbeat.apply(cursor, self._schema, plan(self._schema, heartbeat.read(cursor, self._schema)))
            heartbeat.beat(cursor, self._schema)

    def let_beat(self) -> None:
        """Create or enable the event that writes the heartbeat: replicas hold it disabled."""
        with self._session.asking("set up the heartbeat") as cursor:
            heartbeat.apply(cursor, self._schema, plan(self._schema, heartbeat.read(cursor, self._schema)))
