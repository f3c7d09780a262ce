# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Turn rows of the schema mysql into a tenant's user and its privileges. Pure functions.

A privilege beyond those on its schema is the text that stands between REVOKE and FROM, so that it is taken away by itself:
REVOKE ALL would leave the user without any until the wanted ones are granted again.
"""

from __future__ import annotations

import json
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.quoting import (
    ANY_HOST,
    account,
    quoted,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.model import PRIVILEGES, User

Row = dict[str, t.Any]

_BINARY = "CONVERT({} USING utf8mb4) COLLATE utf8mb4_bin"
# Table of mysql: its columns of user and host, and those that say what it grants.
_TABLES = (
    ("tables_priv", "User", "Host", "'table'", "Db", "Table_name", "FIND_IN_SET('Grant', Table_priv) > 0"),
    ("columns_priv", "User", "Host", "'table'", "Db", "Table_name", "0"),
    ("procs_priv", "User", "Host", "Routine_type", "Db", "Routine_name", "FIND_IN_SET('Grant', Proc_priv) > 0"),
    ("proxies_priv", "User", "Host", "'proxy'", "Proxied_user", "Proxied_host", "0"),
    ("global_grants", "USER", "HOST", "'dynamic'", "PRIV", "''", "0"),
    ("role_edges", "TO_USER", "TO_HOST", "'role'", "FROM_USER", "FROM_HOST", "0"),
)
# The privileges beyond mysql.db and mysql.user that users have.
OTHER_RIGHTS = " UNION ".join(
    f"SELECT {_BINARY.format(user)} AS account, {_BINARY.format(kind)} AS kind, {_BINARY.format(place)} AS place,"
    f" {_BINARY.format(name)} AS name, {delegable} AS delegable FROM mysql.{table} WHERE {host} = '{ANY_HOST}'"
    for table, user, host, kind, place, name, delegable in _TABLES
)

# The column of each global privilege in mysql.user, beside those that a schema has too.
_GLOBAL = {
    "RELOAD": "Reload_priv",
    "SHUTDOWN": "Shutdown_priv",
    "PROCESS": "Process_priv",
    "FILE": "File_priv",
    "SHOW DATABASES": "Show_db_priv",
    "SUPER": "Super_priv",
    "REPLICATION SLAVE": "Repl_slave_priv",
    "REPLICATION CLIENT": "Repl_client_priv",
    "CREATE USER": "Create_user_priv",
    "CREATE TABLESPACE": "Create_tablespace_priv",
    "CREATE ROLE": "Create_role_priv",
    "DROP ROLE": "Drop_role_priv",
    "GRANT OPTION": "Grant_priv",
}
_ON_SCHEMA = PRIVILEGES | {"GRANT OPTION": "Grant_priv"}
_EVERYWHERE = PRIVILEGES | _GLOBAL


def user(row: Row, schema: str, pattern: str, grants: t.Sequence[Row], others: t.Sequence[Row]) -> User:
    """Return a user of mysql.user. ``grants`` are its rows of mysql.db, ``pattern`` is its schema's name there."""
    attributes = json.loads(row["User_attributes"] or "{}")
    metadata = attributes.get("metadata") or {}
    on_schema = [grant for grant in grants if grant["Db"] == pattern and grant["Host"] == ANY_HOST]
    elsewhere = [grant for grant in grants if grant["Db"] != pattern and grant["Host"] == ANY_HOST]
    excess = [*_global(row), *(_delegable(grant) for grant in on_schema if grant["Grant_priv"] == "Y")]
    excess += [_of_schema(grant) for grant in elsewhere]
    excess += [text for other in others for text in _other(other)]
    return User(
        settings={
            "privileges": _held(on_schema[0], PRIVILEGES) if on_schema else [],
            "max_connections": row["max_user_connections"],
            "max_queries_per_hour": row["max_questions"],
            "password_lifetime_days": row["password_lifetime"] or 0,
            "failed_login_attempts": (attributes.get("Password_locking") or {}).get("failed_login_attempts", 0),
            "require_ssl": row["ssl_type"] not in (b"", ""),
            "locked": row["account_locked"] == "Y",
        },
        secret_version=metadata.get("secret_version"),
        two_passwords="additional_password" in attributes,
        excess_rights=tuple(dict.fromkeys(excess)),
        has_password=bool(row["authentication_string"]),
        plugin=row["plugin"],
        tenant=metadata.get("tenant"),
        schema=schema,
    )


def schema_of(row: Row) -> str | None:
    """Return the schema that was noted with a user of mysql.user."""
    return (json.loads(row["User_attributes"] or "{}").get("metadata") or {}).get("schema")


def _held(row: Row, columns: t.Mapping[str, str]) -> list[str]:
    return sorted(name for name, column in columns.items() if row.get(column) == "Y")


def _global(row: Row) -> list[str]:
    found = _held(row, _EVERYWHERE)
    return [f"{', '.join(found)} ON *.*"] if found else []


def _delegable(grant: Row) -> str:
    return f"GRANT OPTION ON {quoted(grant['Db'])}.*"


def _of_schema(grant: Row) -> str:
    return f"{', '.join(_held(grant, _ON_SCHEMA))} ON {quoted(grant['Db'])}.*"


def _other(row: Row) -> t.Iterator[str]:
    kind, place, name = row["kind"], row["place"], row["name"]
    if kind == "dynamic":
        yield f"{place} ON *.*"
    elif kind == "role":
        yield account(place, name)
    elif kind == "proxy":
        yield f"PROXY ON {account(place, name)}"
    else:
        on = f"{'' if kind == 'table' else f'{kind} '}{quoted(place)}.{quoted(name)}"
        yield f"ALL PRIVILEGES ON {on}"
        if row["delegable"]:
            yield f"GRANT OPTION ON {on}"
