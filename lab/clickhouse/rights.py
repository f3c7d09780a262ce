# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The rights of the backup user, as roles/clickhouse_backup/README.md grants them.

ClickHouse's own server gets them as grants. The engine in a process of the lab knows no users; there kinds of statements stand for
them.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Mapping

from lab.settings import CHECKOUT

_README = CHECKOUT / "roles" / "clickhouse_backup" / "README.md"
_GRANT = re.compile(r"^(GRANT .+?) TO backup_operator;$", re.MULTILINE)
_ROLE_SETTING = "s3_allow_server_credentials_in_user_queries"
# The settings of the user's profile, as the README has them too.
BACKUP_PROFILE = {_ROLE_SETTING: "1"}
_COLLECTION = re.compile(r"\bS3\(\s*`?([^`,\s]+)`?\s*,")
# What each right lets the user run. A RESTORE needs the rights of what it creates, which no statement's beginning tells.
_STATEMENTS = {
    "BACKUP": ("BACKUP",),
    "SELECT": ("SELECT",),
    "SHOW": ("SHOW", "EXISTS", "DESCRIBE"),
    "INSERT": ("INSERT",),
    "CREATE DATABASE": ("CREATE DATABASE",),
    "CREATE TABLE": ("CREATE TABLE", "RESTORE"),
    "DROP DATABASE": ("DROP DATABASE",),
    "DROP TABLE": ("DROP TABLE",),
    "CHECK": ("CHECK TABLE",),
    "SYSTEM MERGES": ("SYSTEM STOP MERGES",),
}


@functools.cache
def grants() -> list[str]:
    """Return the GRANT statements of the README, without the user."""
    return _GRANT.findall(_README.read_text())


def refusal(user: str, sql: str) -> str:
    """Return why the backup user may not run a statement; nothing where a grant covers it."""
    words = " ".join(sql.split()[:3]).upper()
    granted = ", ".join(grants())
    for right, statements in _STATEMENTS.items():
        if words.startswith(statements) and re.search(rf"[ ,]{right}(,| ON )", granted):
            return ""
    why = f"Not enough privileges. The grants of the README don't cover: {words}."
    return f"Code: 497. DB::Exception: {user}: {why} (ACCESS_DENIED)"


def role_refusal(sql: str, settings: Mapping[str, str], of_role: Collection[str]) -> str:
    """Return why a statement may not use the server's role; nothing where its settings let it, or its collections have keys.

    `of_role` names the collections without a key. ClickHouse's own server refuses it since 26.7; the engine in a process does not.
    """
    if not sql.lstrip().upper().startswith(("BACKUP", "RESTORE")) or settings.get(_ROLE_SETTING) == "1":
        return ""
    if not set(_COLLECTION.findall(sql)) & set(of_role):
        return ""
    why = "S3 access from user queries is not allowed to use the server's own credentials."
    return f"Code: 497. DB::Exception: {why} Enable {_ROLE_SETTING} to allow it. (ACCESS_DENIED)"
