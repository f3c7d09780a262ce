# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Reads and writes of tenants in a MySQL server. The connection is made by a function that is passed in.

Passwords are in statements on the wire only: no error, result or log of this file holds a statement.
"""

from __future__ import annotations

import contextlib
import json
import typing as t
from concurrent.futures import CancelledError, ThreadPoolExecutor

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.answers import explain
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.sessions import end_sessions
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.model import (
    PRIVILEGES,
    State,
    Step,
    User,
    Wanted,
)

try:
    import pymysql
    from pymysql.constants import CLIENT
    from pymysql.cursors import DictCursor
except ImportError:  # main() reports the missing library
    pymysql = None

_BATCH = 50  # tenants whose statements go out at once
# The server is bound by its commits, and groups those that come together.
_BATCHES_AT_ONCE, _LOGINS_AT_ONCE = 8, 4
_HOST = "%"
_ATTEMPTS, _LOCK_DAYS = 10, 1
_CHARACTERS = "CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci"

# Everything beyond mysql.db that a user may hold.
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
    """One server; ``connect(user, password, **options)`` gives a connection."""

    def __init__(self, connect: t.Callable[..., t.Any], username: str, password: str, place: str):
        self._connect = connect
        self._login = (username, password)
        self._place = place
        self.queries = 0

    @contextlib.contextmanager
    def _session(self, what: str) -> t.Iterator[t.Any]:
        try:
            with contextlib.closing(
                self._connect(*self._login, client_flag=CLIENT.MULTI_STATEMENTS, cursorclass=DictCursor)
            ) as connection:
                yield connection.cursor()
        except (pymysql.MySQLError, OSError) as error:
            raise PlatformError(f"Could not {what} in {self._place}: {explain(error)}") from None

    def _ask(self, cursor: t.Any, statement: str, values: t.Any = None) -> list[dict[str, t.Any]]:
        self.queries += 1
        cursor.execute(statement, values)
        return list(cursor.fetchall())

    def read(self, entries: t.Sequence[Wanted], secrets: dict[str, str]) -> State:
        """All tenants with at most five queries, however many they are."""
        accounts = {entry.account for entry in entries}
        watched = {entry.account for entry in entries if entry.state != "present"}
        return self._look(accounts.__contains__, watched.__contains__ if watched else None, secrets)

    def survey(self, prefix: str, entries: t.Sequence[Wanted], secrets: dict[str, str]) -> State:
        """Likewise those that nobody stated: whatever begins with the prefix, where there is one."""
        accounts = {entry.account for entry in entries}

        def belongs(name: str) -> bool:
            return name in accounts or (bool(prefix) and name.startswith(prefix))

        return self._look(belongs, belongs, secrets)

    def _look(
        self, belongs: t.Callable[[str], bool], watched: t.Callable[[str], bool] | None, secrets: dict[str, str]
    ) -> State:
        with self._session("read the tenants") as cursor:
            names = self._ask(cursor, "SELECT schema_name AS name FROM information_schema.schemata")
            users = self._ask(cursor, "SELECT * FROM mysql.user WHERE host = %s", [_HOST])
            grants = self._ask(cursor, "SELECT * FROM mysql.db")
            others = {row["account"] for row in self._ask(cursor, _OTHER_RIGHTS)}
            sessions: dict[str, tuple[int, ...]] = {}
            if watched:
                for row in self._ask(cursor, "SELECT id, user AS account FROM performance_schema.processlist"):
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

    def apply(self, steps: t.Sequence[Step], credentials: dict[str, tuple[str, str]]) -> t.Iterator[list[str]]:
        """Carry the steps out in batches, some at the same time; yields the names of each batch once it is done.

        ``credentials`` are password and secret's version by tenant, for those whose password is set. Where a batch fails, those
        that were begun are ended, and no other is begun.
        """
        batches = [steps[start : start + _BATCH] for start in range(0, len(steps), _BATCH)]
        problem = None
        with ThreadPoolExecutor(_BATCHES_AT_ONCE) as pool:
            running = [pool.submit(self._carry_out, batch, credentials) for batch in batches]
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

    def _carry_out(self, batch: t.Sequence[Step], credentials: dict[str, tuple[str, str]]) -> list[str]:
        with self._session(f"change the tenants {batch[0].wanted.name} to {batch[-1].wanted.name}") as cursor:
            for step in batch:
                self._kill(cursor, step)
            statements = [line for step in batch for line in _statements(cursor, step, credentials)]
            if statements:
                cursor.execute(";".join(statements))
                while cursor.nextset():
                    pass
        self._prove([step for step in batch if step.password], credentials)
        return [step.wanted.name for step in batch]

    def _kill(self, cursor: t.Any, step: Step) -> None:
        """End the sessions of a user that is locked first, so that none comes after."""
        if not step.kill:
            return
        cursor.execute("ALTER USER IF EXISTS %s@%s ACCOUNT LOCK", [step.wanted.account, _HOST])
        end_sessions(cursor, step.kill)

    def _prove(self, steps: t.Sequence[Step], credentials: dict[str, tuple[str, str]]) -> None:
        """Log in as each tenant whose password was set and who may."""

        def prove(step: Step) -> str | None:
            try:
                self._connect(step.wanted.account, credentials[step.wanted.name][0]).close()
            except (pymysql.MySQLError, OSError) as error:
                return f"{step.wanted.name} ({explain(error)})"
            return None

        able = [step for step in steps if step.wanted.state == "present"]
        with ThreadPoolExecutor(_LOGINS_AT_ONCE) as pool:
            failed = [problem for problem in pool.map(prove, able) if problem]
        if failed:
            raise PlatformError(
                f"Passwords were set in {self._place}, but these tenants can't log in: {', '.join(failed)}."
            )


def _user(row: dict[str, t.Any], grants: list[dict[str, t.Any]], others: bool) -> User:
    attributes = json.loads(row["User_attributes"] or "{}")
    own = [grant for grant in grants if grant["Db"] == row["User"] and grant["Host"] == _HOST]
    held = sorted(name for name, column in PRIVILEGES.items() if own and own[0][column] == "Y")
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
        strays=others or everywhere or delegable or len(own) != len(grants),
    )


def _statements(cursor: t.Any, step: Step, credentials: dict[str, tuple[str, str]]) -> list[str]:
    """What makes a tenant what it shall be; names hold nothing that would have to be quoted."""
    entry: Wanted = step.wanted
    account, user = entry.account, f"'{entry.account}'@'{_HOST}'"
    if step.action == "delete":
        return [f"DROP USER IF EXISTS {user}", f"DROP DATABASE IF EXISTS `{account}`"]
    found = [f"CREATE DATABASE IF NOT EXISTS `{account}` {_CHARACTERS}"]
    with_password = ""
    if step.password:
        password, version = credentials[entry.name]
        with_password = f" IDENTIFIED BY {cursor.connection.literal(password)}"
        if step.retain:
            with_password += " RETAIN CURRENT PASSWORD"
    settings = (
        f"REQUIRE SSL WITH MAX_USER_CONNECTIONS {entry.max_connections} MAX_QUERIES_PER_HOUR {entry.max_queries_per_hour}"
        f" PASSWORD EXPIRE {_expiry(entry)} FAILED_LOGIN_ATTEMPTS {_ATTEMPTS} PASSWORD_LOCK_TIME {_LOCK_DAYS}"
        f" ACCOUNT {'LOCK' if entry.state == 'locked' else 'UNLOCK'}"
    )
    if step.password:
        attribute = json.dumps({"tenant": entry.name, "secret_version": version})
        settings += f" ATTRIBUTE '{attribute}'"
    found.append(f"{'CREATE' if step.new_user else 'ALTER'} USER {user}{with_password} {settings}")
    if step.discard:
        found.append(f"ALTER USER {user} DISCARD OLD PASSWORD")
    if step.regrant:
        if not step.new_user:
            found.append(f"REVOKE ALL PRIVILEGES, GRANT OPTION FROM {user}")
        found.append(f"GRANT {', '.join(sorted(entry.privileges))} ON `{account}`.* TO {user}")
    return found


def _expiry(entry: Wanted) -> str:
    return f"INTERVAL {entry.password_lifetime_days} DAY" if entry.password_lifetime_days else "NEVER"
