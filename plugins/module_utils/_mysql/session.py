# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A session with a MySQL server whose errors say what was being done, and where."""

from __future__ import annotations

import contextlib
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.answers import explain

try:
    from pymysql import MySQLError
except ImportError:  # main() reports the missing library
    MySQLError = Exception


@contextlib.contextmanager
def asking(what: str, place: str) -> t.Iterator[None]:
    """Turn errors of MySQL and of the way to it into a PlatformError without the statement."""
    try:
        yield
    except (MySQLError, OSError) as error:
        raise PlatformError(f"Could not {what} in {place}: {explain(error)}") from error


@contextlib.contextmanager
def session(connect: t.Callable[[], t.Any], what: str, place: str) -> t.Iterator[t.Any]:
    """A cursor for as long as it is needed."""
    with asking(what, place), contextlib.closing(connect()) as connection, connection.cursor() as cursor:
        yield cursor
