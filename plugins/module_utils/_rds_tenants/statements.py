# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Write the statements that change a tenant. Pure functions.

Their order keeps a tenant that works working: what it lacks is granted before what it has too much is revoked, and only
``discard`` makes a password invalid.
"""

from __future__ import annotations

import json
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.quoting import account, quoted
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.model import Task, Wanted

_LOCK_DAYS = 1  # the least that MySQL takes
_CHARACTERS = "CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci"

Literal = t.Callable[[str], str]  # quotes a text for the connection


def statements(task: Task, credentials: t.Mapping[str, tuple[str, str]], literal: Literal) -> list[str]:
    """Return the statements of a task. ``credentials`` are password and secret's version by tenant."""
    entry = task.wanted
    user = account(entry.user)
    if task.remove:
        # The schema goes first: MySQL drops no user who defines a view or a trigger (error 4006).
        return [
            f"ALTER USER IF EXISTS {user} ACCOUNT LOCK",
            f"DROP DATABASE IF EXISTS {quoted(entry.schema)}",
            f"DROP USER IF EXISTS {user}",
        ]
    found = []
    if task.new_schema:
        found.append(f"CREATE DATABASE IF NOT EXISTS {quoted(entry.schema)} {_CHARACTERS}")
    if task.discard:
        found.append(f"ALTER USER {user} DISCARD OLD PASSWORD")
    found.append(_user(task, user, credentials, literal))
    if task.grant:
        found.append(f"GRANT {', '.join(task.grant)} ON {quoted(task.pattern)}.* TO {user}")
    found += [f"REVOKE {text} FROM {user}" for text in task.revoke]
    return found


def _user(task: Task, user: str, credentials: t.Mapping[str, tuple[str, str]], literal: Literal) -> str:
    entry = task.wanted
    with_password = attribute = ""
    if task.password:
        password, version = credentials[entry.name]
        with_password = f" IDENTIFIED BY {literal(password)}"
        if task.retain:
            with_password += " RETAIN CURRENT PASSWORD"
        noted = {"tenant": entry.name, "secret_version": version, "schema": entry.schema}
        attribute = f" ATTRIBUTE {literal(json.dumps(noted))}"
    lock_days = _LOCK_DAYS if entry.failed_login_attempts else 0
    return (
        f"{'CREATE' if task.new_user else 'ALTER'} USER {user}{with_password} REQUIRE SSL"
        f" WITH MAX_USER_CONNECTIONS {entry.max_connections} MAX_QUERIES_PER_HOUR {entry.max_queries_per_hour}"
        f" PASSWORD EXPIRE {_expiry(entry)}"
        f" FAILED_LOGIN_ATTEMPTS {entry.failed_login_attempts} PASSWORD_LOCK_TIME {lock_days}"
        f" ACCOUNT {'LOCK' if entry.state == 'locked' else 'UNLOCK'}{attribute}"
    )


def _expiry(entry: Wanted) -> str:
    return f"INTERVAL {entry.password_lifetime_days} DAY" if entry.password_lifetime_days else "NEVER"
