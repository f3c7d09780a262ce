# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Turn the errors of a MySQL server into messages that may be shown."""

from __future__ import annotations

import contextlib
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError

try:
    from pymysql import MySQLError
except ImportError:  # main() reports the missing library
    MySQLError = Exception

_FIXES = {
    1045: " Fix: check the user name and the password, or the secret that holds them.",
    2003: " Fix: run this where the server can be reached, on the runner of its region.",
}


def explain(error: Exception) -> str:
    """Return MySQL's number and words, without the statement that some of its errors repeat."""
    number = error.args[0] if error.args else type(error).__name__
    words = str(error.args[1]) if len(error.args) > 1 else str(error)
    if number in (1064, 1149):
        words = "the server does not understand a statement"
    if "certificate" in words.lower():
        return f"MySQL's certificate is not accepted: {words.rstrip('.')}. Fix: check O(host) and O(tls_ca)."
    return f"MySQL answered {number}: {words.rstrip('.')}.{_FIXES.get(number, '')}"


@contextlib.contextmanager
def asking(what: str, place: str) -> t.Iterator[None]:
    """Turn errors of MySQL and of the connection into a PlatformError that holds no statement.

    The cause is left out as well: a traceback would print the statement, and with it passwords.
    """
    try:
        yield
    except (MySQLError, OSError) as error:
        raise PlatformError(f"Could not {what} in {place}: {explain(error)}") from None
