# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Quote names for statements of MySQL. Pure functions."""

from __future__ import annotations

import re

ANY_HOST = "%"


def quoted(name: str) -> str:
    """Return a name of a schema, a table, a user or a host as it stands in a statement."""
    return "`" + name.replace("`", "``") + "`"


def account(user: str, host: str = ANY_HOST) -> str:
    """Return a user as it stands in a statement."""
    return f"{quoted(user)}@{quoted(host)}"


def grant_pattern(schema: str, *, partial_revokes: bool) -> str:
    """Return the name by which GRANT means this schema alone.

    There ``_`` and ``%`` stand for other characters, unless the server has partial_revokes.
    https://dev.mysql.com/doc/refman/8.4/en/grant.html#grant-quoting
    """
    return schema if partial_revokes else re.sub(r"([_%])", r"\\\1", schema)
