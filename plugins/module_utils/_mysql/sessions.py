# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""End sessions of others, as RDS lets its master user do it."""

from __future__ import annotations

import typing as t

try:
    from pymysql import MySQLError
except ImportError:  # main() reports the missing library
    MySQLError = Exception

_NO_SUCH_PROCEDURE, _NO_SUCH_THREAD = 1305, 1094


def end_sessions(cursor: t.Any, sessions: t.Iterable[int]) -> None:
    """End sessions by their numbers; those that ended by themselves are passed over."""
    for session in sessions:
        try:
            cursor.execute("CALL mysql.rds_kill(%s)", [session])
        except MySQLError as error:
            if error.args[0] == _NO_SUCH_PROCEDURE:
                cursor.execute("KILL %s", [session])  # no RDS
            elif error.args[0] != _NO_SUCH_THREAD:
                raise
