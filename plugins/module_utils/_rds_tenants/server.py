# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read and write tenants in a MySQL server. A function that connects is passed in.

Passwords are in statements on the wire only: no error, result or log of this file holds a statement.
"""

from __future__ import annotations

import typing as t
from concurrent.futures import CancelledError, ThreadPoolExecutor

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.errors import MySQLError, explain
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.quoting import (
    ANY_HOST,
    account,
    grant_pattern,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.session import end_sessions, session
from ansible_collections.knowledgecity.platform.plugins.module_utils._parallel import in_parallel
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants import rights
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.model import State, Task, Wanted
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.statements import statements

try:
    from pymysql.constants import CLIENT
    from pymysql.cursors import DictCursor
except ImportError:  # main() reports the missing library
    CLIENT = DictCursor = None

_BATCH = 50  # tenants whose statements go out at once
# Commits limit the server, which groups those that come at the same time.
_BATCHES_AT_ONCE, _LOGINS_AT_ONCE = 8, 4

# Without log_bin_trust_function_creators a binary log keeps all but administrators from creating triggers (1419).
_SCHEMAS = (
    "SELECT schema_name AS name, @@partial_revokes AS partial_revokes, @@lower_case_table_names AS small_letters,"
    " NOT @@log_bin OR @@log_bin_trust_function_creators AS triggers FROM information_schema.schemata"
)
_SESSIONS = "SELECT id, user AS account FROM {schema}.processlist"

# A server says so after it has accepted the password: the user has as many sessions, or statements, as it may have.
_AFTER_THE_PASSWORD = frozenset({1203, 1226})


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

    @property
    def master(self) -> str:
        """Return the name of the user that changes the tenants."""
        return self._login[0]

    def read(self, entries: t.Sequence[Wanted], secrets: dict[str, str]) -> State:
        """Read the tenants with at most five queries, however many they are."""
        watched = {entry.user for entry in entries if entry.state != "present"}
        return self._read(entries, "", watched.__contains__ if watched else None, secrets)

    def survey(self, prefix: str, entries: t.Sequence[Wanted], secrets: dict[str, str]) -> State:
        """Read the tenants, and all others whose name begins with the prefix."""
        users = {entry.user for entry in entries}

        def belongs(name: str) -> bool:
            return name in users or (bool(prefix) and name.startswith(prefix))

        return self._read(entries, prefix, belongs, secrets)

    def _read(
        self,
        entries: t.Sequence[Wanted],
        prefix: str,
        watched: t.Callable[[str], bool] | None,
        secrets: dict[str, str],
    ) -> State:
        with self._session("read the tenants") as cursor:
            schemas = self._ask(cursor, _SCHEMAS)
            users = self._ask(cursor, "SELECT * FROM mysql.user")
            grants = _by_account(self._ask(cursor, "SELECT *, User AS account FROM mysql.db"))
            others = _by_account(self._ask(cursor, rights.OTHER_RIGHTS))
            sessions = self._sessions(cursor, watched) if watched else {}
        server = schemas[0]
        partial_revokes = bool(server["partial_revokes"])
        schema_of = {entry.user: entry.schema for entry in entries}
        names = {entry.schema for entry in entries}
        found, elsewhere = {}, {}
        for row in users:
            name = row["User"]
            if name not in schema_of and not (prefix and name.startswith(prefix)):
                continue
            if row["Host"] != ANY_HOST:
                elsewhere[name] = (*elsewhere.get(name, ()), row["Host"])
                continue
            schema = schema_of.get(name) or rights.schema_of(row) or name
            pattern = grant_pattern(schema, partial_revokes=partial_revokes)
            found[name] = rights.user(row, schema, pattern, grants.get(name, []), others.get(name, []))
        return State(
            schemas=frozenset(
                row["name"] for row in schemas if row["name"] in names or (prefix and row["name"].startswith(prefix))
            ),
            users=found,
            sessions=sessions,
            secrets=secrets,
            other_hosts=elsewhere,
            triggers=bool(server["triggers"]),
            partial_revokes=partial_revokes,
            small_letters=bool(server["small_letters"]),
        )

    def _sessions(self, cursor: t.Any, watched: t.Callable[[str], bool]) -> dict[str, tuple[int, ...]]:
        # This session is always in it, unless performance_schema is off: then the table has no rows.
        rows = self._ask(cursor, _SESSIONS.format(schema="performance_schema")) or self._ask(
            cursor, _SESSIONS.format(schema="information_schema")
        )
        found: dict[str, tuple[int, ...]] = {}
        for row in rows:
            if watched(row["account"] or ""):
                found[row["account"]] = (*found.get(row["account"], ()), row["id"])
        return found

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
            literal = cursor.connection.literal
            text = ";".join(line for task in batch for line in statements(task, credentials, literal))
            if text:
                cursor.execute(text)
                while cursor.nextset():
                    pass
        self._prove(_to_prove(batch), credentials)
        return [task.wanted.name for task in batch]

    def _kill(self, cursor: t.Any, task: Task) -> None:
        """Lock a user, and end its sessions, so that no new one is opened in between."""
        if not task.kill:
            return
        cursor.execute(f"ALTER USER IF EXISTS {account(task.wanted.user)} ACCOUNT LOCK")
        end_sessions(cursor, task.kill)

    def _prove(self, tasks: t.Sequence[Task], credentials: dict[str, tuple[str, str]]) -> None:
        """Log in as tenants whose password was set."""

        def prove(task: Task) -> str | None:
            try:
                self._connect(task.wanted.user, credentials[task.wanted.name][0]).close()
            except (MySQLError, OSError) as error:
                if error.args and error.args[0] in _AFTER_THE_PASSWORD:
                    return None
                return f"{task.wanted.name} ({explain(error)})"
            return None

        failed = [problem for problem in in_parallel(prove, tasks, _LOGINS_AT_ONCE) if problem]
        if failed:
            raise PlatformError(
                f"Passwords were set in {self._place}, but these tenants can't log in: {', '.join(failed)}."
            )


def _to_prove(batch: t.Sequence[Task]) -> list[Task]:
    """Return the tasks whose password is proven by a login: of new users one, since all of a batch are made alike.

    Each login takes a TLS handshake and a full authentication. Whoever has worked with a password before is proven each.
    """
    able = [task for task in batch if task.password and task.wanted.state == "present"]
    return [*[task for task in able if task.new_user][:1], *[task for task in able if not task.new_user]]


def _by_account(rows: t.Iterable[dict[str, t.Any]]) -> dict[str, list[dict[str, t.Any]]]:
    found: dict[str, list[dict[str, t.Any]]] = {}
    for row in rows:
        found.setdefault(row["account"], []).append(row)
    return found
