# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read and write tenants in a MySQL server. A function that connects is passed in.

Passwords are in statements on the wire only: no error, result or log of this file holds a statement.
"""

from __future__ import annotations

import json
import typing as t
from concurrent.futures import CancelledError, ThreadPoolExecutor

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.errors import MySQLError, explain
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.session import end_sessions, session
from ansible_collections.knowledgecity.platform.plugins.module_utils._parallel import in_parallel
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.model import (
    PRIVILEGES,
    State,
    Task,
    User,
    Wanted,
)

try:
    from pymysql.constants import CLIENT
    from pymysql.cursors import DictCursor
except ImportError:  # main() reports the missing library
    CLIENT = DictCursor = None

_BATCH = 50  # tenants whose statements go out at once
# Commits limit the server, which groups those that come at the same time.
_BATCHES_AT_ONCE, _LOGINS_AT_ONCE = 8, 4
_HOST = "%"
_ATTEMPTS, _LOCK_DAYS = 10, 1
_CHARACTERS = "CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci"

_SESSIONS = "SELECT id, user AS account FROM {schema}.processlist"

# The privileges beyond mysql.db that a user may have.
_OTHER_RIGHTS = " UNION ".join(
    f"SELECT {user} AS account FROM mysql.{table}"
    for user, table in (
        ("User", "tables_priv"),
        ("User", "columns_priv"),
        ("User", "procs_priv"),
        ("User", "proxies_priv"),
        ("USER", "global_grants"),
        ("TO_USER", "role_edges"),
    )
)


class TenantServer:
    """One server; ``connect(user, password, **options)`` returns a connection."""

    def __init__(self, connect: t.Callable[..., t.Any], username: str, password: str, place: str):
        self._connect = connect
        self._login = (username, password)
        self._place = place
        self.queries = 0

    def _session(self, what: str) -> t.ContextManager[t.Any]:
        options = {"client_flag": CLIENT.MULTI_STATEMENTS, "cursorclass": DictCursor}
        return session(lambda: self._connect(*self._login, **options), what, self._place)

    def _ask(self, cursor: t.Any, statement: str, values: t.Any = None) -> list[dict[str, t.Any]]:
        self.queries += 1
        cursor.execute(statement, values)
        return list(cursor.fetchall())

    def read(self, entries: t.Sequence[Wanted], secrets: dict[str, str]) -> State:
        """Read the tenants with at most five queries, however many they are."""
        accounts = {entry.account for entry in entries}
        watched = {entry.account for entry in entries if entry.state != "present"}
        return self._read(accounts.__contains__, watched.__contains__ if watched else None, secrets)

    def survey(self, prefix: str, entries: t.Sequence[Wanted], secrets: dict[str, str]) -> State:
        """Read the tenants, and all others whose name begins with the prefix."""
        accounts = {entry.account for entry in entries}

        def belongs(name: str) -> bool:
            return name in accounts or (bool(prefix) and name.startswith(prefix))

        return self._read(belongs, belongs, secrets)

    def _read(
        self, belongs: t.Callable[[str], bool], watched: t.Callable[[str], bool] | None, secrets: dict[str, str]
    ) -> State:
        with self._session("read the tenants") as cursor:
            names = self._ask(cursor, "SELECT schema_name AS name FROM information_schema.schemata")
            users = self._ask(cursor, "SELECT * FROM mysql.user WHERE host = %s", [_HOST])
            grants = self._ask(cursor, "SELECT * FROM mysql.db")
            others = {row["account"] for row in self._ask(cursor, _OTHER_RIGHTS)}
            sessions: dict[str, tuple[int, ...]] = {}
            if watched:
                # This session is always in it, unless performance_schema is off: then the table has no rows.
                rows = self._ask(cursor, _SESSIONS.format(schema="performance_schema")) or self._ask(
                    cursor, _SESSIONS.format(schema="information_schema")
                )
                for row in rows:
                    if watched(row["account"] or ""):
                        sessions[row["account"]] = (*sessions.get(row["account"], ()), row["id"])
        held: dict[str, list[dict[str, t.Any]]] = {}
        for row in grants:
            held.setdefault(row["User"], []).append(row)
        return State(
            schemas=frozenset(row["name"] for row in names if belongs(row["name"])),
            users={
                row["User"]: _user(row, held.get(row["User"], []), row["User"] in others)
                for row in users
                if belongs(row["User"])
            },
            sessions=sessions,
            secrets=secrets,
        )

    def apply(self, tasks: t.Sequence[Task], credentials: dict[str, tuple[str, str]]) -> t.Iterator[list[str]]:
        """Execute the tasks in batches, several at the same time, and yield the names of each batch once it is done.

        ``credentials`` are password and secret's version by tenant, for those whose password is set. Where a batch fails, those
        that were begun are finished, and no other is begun.
        """
        batches = [tasks[start : start + _BATCH] for start in range(0, len(tasks), _BATCH)]
        problem = None
        with ThreadPoolExecutor(_BATCHES_AT_ONCE) as pool:
            running = [pool.submit(self._execute, batch, credentials) for batch in batches]
            for future in running:
                try:
                    yield future.result()
                except CancelledError:
                    continue
                except PlatformError as error:
                    problem = problem or error
                    pool.shutdown(wait=False, cancel_futures=True)
        if problem:
            raise problem

    def _execute(self, batch: t.Sequence[Task], credentials: dict[str, tuple[str, str]]) -> list[str]:
        with self._session(f"change the tenants {batch[0].wanted.name} to {batch[-1].wanted.name}") as cursor:
            for task in batch:
                self._kill(cursor, task)
            statements = [statement for task in batch for statement in _statements(cursor, task, credentials)]
            if statements:
                cursor.execute(";".join(statements))
                while cursor.nextset():
                    pass
        self._prove([task for task in batch if task.password], credentials)
        return [task.wanted.name for task in batch]

    def _kill(self, cursor: t.Any, task: Task) -> None:
        """Lock a user, and end its sessions, so that no new one is opened in between."""
        if not task.kill:
            return
        cursor.execute("ALTER USER IF EXISTS %s@%s ACCOUNT LOCK", [task.wanted.account, _HOST])
        end_sessions(cursor, task.kill)

    def _prove(self, tasks: t.Sequence[Task], credentials: dict[str, tuple[str, str]]) -> None:
        """Log in as each tenant whose password was set, unless it is locked."""

        def prove(task: Task) -> str | None:
            try:
                self._connect(task.wanted.account, credentials[task.wanted.name][0]).close()
            except (MySQLError, OSError) as error:
                return f"{task.wanted.name} ({explain(error)})"
            return None

        able = [task for task in tasks if task.wanted.state == "present"]
        failed = [problem for problem in in_parallel(prove, able, _LOGINS_AT_ONCE) if problem]
        if failed:
            raise PlatformError(
                f"Passwords were set in {self._place}, but these tenants can't log in: {', '.join(failed)}."
            )


def _user(row: dict[str, t.Any], grants: list[dict[str, t.Any]], others: bool) -> User:
    attributes = json.loads(row["User_attributes"] or "{}")
    on_schema = [grant for grant in grants if grant["Db"] == row["User"] and grant["Host"] == _HOST]
    held = sorted(name for name, column in PRIVILEGES.items() if on_schema and on_schema[0][column] == "Y")
    everywhere = any(value == "Y" for column, value in row.items() if column.endswith("_priv"))
    delegable = any(grant["Grant_priv"] == "Y" for grant in grants)
    locking = attributes.get("Password_locking") or {}
    policy = (locking.get("failed_login_attempts"), locking.get("password_lock_time_days"))
    return User(
        settings={
            "privileges": held,
            "max_connections": row["max_user_connections"],
            "max_queries_per_hour": row["max_questions"],
            "password_lifetime_days": row["password_lifetime"] or 0,
            "require_ssl": row["ssl_type"] != b"" and row["ssl_type"] != "" and policy == (_ATTEMPTS, _LOCK_DAYS),
            "locked": row["account_locked"] == "Y",
        },
        secret_version=(attributes.get("metadata") or {}).get("secret_version"),
        two_passwords="additional_password" in attributes,
        excess_rights=others or everywhere or delegable or len(on_schema) != len(grants),
    )


def _statements(cursor: t.Any, task: Task, credentials: dict[str, tuple[str, str]]) -> list[str]:
    """Return the statements that change a tenant. Names hold nothing that would have to be quoted."""
    entry: Wanted = task.wanted
    account, user = entry.account, f"'{entry.account}'@'{_HOST}'"
    if task.remove:
        return [f"DROP USER IF EXISTS {user}", f"DROP DATABASE IF EXISTS `{account}`"]
    found = [f"CREATE DATABASE IF NOT EXISTS `{account}` {_CHARACTERS}"]
    with_password = ""
    if task.password:
        password, version = credentials[entry.name]
        with_password = f" IDENTIFIED BY {cursor.connection.literal(password)}"
        if task.retain:
            with_password += " RETAIN CURRENT PASSWORD"
    settings = (
        f"REQUIRE SSL WITH MAX_USER_CONNECTIONS {entry.max_connections} MAX_QUERIES_PER_HOUR {entry.max_queries_per_hour}"
        f" PASSWORD EXPIRE {_expiry(entry)} FAILED_LOGIN_ATTEMPTS {_ATTEMPTS} PASSWORD_LOCK_TIME {_LOCK_DAYS}"
        f" ACCOUNT {'LOCK' if entry.state == 'locked' else 'UNLOCK'}"
    )
    if task.password:
        attribute = json.dumps({"tenant": entry.name, "secret_version": version})
        settings += f" ATTRIBUTE '{attribute}'"
    found.append(f"{'CREATE' if task.new_user else 'ALTER'} USER {user}{with_password} {settings}")
    if task.discard:
        found.append(f"ALTER USER {user} DISCARD OLD PASSWORD")
    if task.regrant:
        if not task.new_user:
            found.append(f"REVOKE ALL PRIVILEGES, GRANT OPTION FROM {user}")
        found.append(f"GRANT {', '.join(sorted(entry.privileges))} ON `{account}`.* TO {user}")
    return found


def _expiry(entry: Wanted) -> str:
    return f"INTERVAL {entry.password_lifetime_days} DAY" if entry.password_lifetime_days else "NEVER"
