# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Open sessions with a MySQL server, and end those of others."""

from __future__ import annotations

import contextlib
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.errors import MySQLError, asking

_NO_SUCH_PROCEDURE, _NO_SUCH_THREAD = 1305, 1094


@contextlib.contextmanager
def session(connect: t.Callable[[], t.Any], what: str, place: str) -> t.Iterator[t.Any]:
    """Open a session for one task, and yield its cursor. Errors say what was being done, and where."""
    with asking(what, place), contextlib.closing(connect()) as connection, connection.cursor() as cursor:
        yield cursor


class Session:
    """A session that is kept for several tasks. It is opened where it is needed, and again after it was lost."""

    def __init__(self, connect: t.Callable[[], t.Any], place: str):
        self._connect = connect
        self._connection: t.Any = None
        self.place = place

    def close(self) -> None:
        """Close the connection; the next task opens another."""
        if self._connection is not None:
            with contextlib.suppress(Exception):
                self._connection.close()
        self._connection = None

    @contextlib.contextmanager
    def asking(self, what: str) -> t.Iterator[t.Any]:
        """Yield a cursor. Errors say what was being done, and where."""
        try:
            with asking(what, self.place):
                self._connection = self._connection or self._connect()
                with self._connection.cursor() as cursor:
                    yield cursor
        except PlatformError:
            self.close()
            raise

    def row(self, what: str, statement: str, values: t.Sequence[t.Any] = ()) -> t.Any:
        """Run a statement, and return its first row."""
        with self.asking(what) as cursor:
            cursor.execute(statement, values)
            return cursor.fetchone()


def sessions_schema(cursor: t.Any) -> str:
    """Return the schema whose `processlist` has the sessions.

    That of performance_schema takes no lock that sessions wait for; without performance_schema it has no rows.
    """
    cursor.execute("SELECT @@GLOBAL.performance_schema")
    return "performance_schema" if cursor.fetchone()[0] else "information_schema"


def end_sessions(cursor: t.Any, numbers: t.Iterable[int]) -> None:
    """End sessions by their numbers, as RDS lets its master user do it. One that has ended already is passed over."""
    for number in numbers:
        try:
            cursor.execute("CALL mysql.rds_kill(%s)", [number])
        except MySQLError as error:
            if error.args[0] == _NO_SUCH_PROCEDURE:
                cursor.execute("KILL %s", [number])  # not RDS
            elif error.args[0] != _NO_SUCH_THREAD:
                raise
