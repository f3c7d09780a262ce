# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Write BACKUP and RESTORE in SQL (clickhouse.com/docs/operations/backup). Pure functions.

S3 is named by a collection only: no key and no address is in a statement, so none is in a log.
"""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse.sql import identifier, string
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.selection import Selection


def place(collection: str, name: str) -> str:
    """Return a backup's place, as the engine writes it into `.backup` too."""
    return f"S3({identifier(collection)}, {string(name)})"


def backup(
    selection: Selection, collection: str, name: str, *, identity: str, base: str | None, cluster: str | None
) -> str:
    """Return the statement that starts a backup; `identity` is its id in system.backups."""
    settings = [f"id = {string(identity)}"]
    if base:
        settings.append(f"base_backup = {place(collection, base)}")
    return (
        f"BACKUP {selection.elements()}{_on(cluster)} TO {place(collection, name)} SETTINGS {', '.join(settings)} ASYNC"
    )


def restore(
    elements: t.Sequence[str],
    collection: str,
    name: str,
    *,
    identity: str,
    cluster: str | None = None,
    structure_only: bool = False,
    append: bool = False,
    create: bool = True,
    any_definition: bool = False,
) -> str:
    """Return the statement that starts a restore. With `append` it also restores into tables that hold rows.

    Without `create` it creates nothing; with `any_definition` it takes tables that exist with another definition.
    """
    settings = [f"id = {string(identity)}"]
    if structure_only:
        settings.append("structure_only = 1")
    if append:
        settings.append("allow_non_empty_tables = 1")
    if not create:
        settings += ["create_database = 0", "create_table = 0"]
    if any_definition:
        settings.append("allow_different_table_def = 1")
    return (
        f"RESTORE {', '.join(elements)}{_on(cluster)} FROM {place(collection, name)} "
        f"SETTINGS {', '.join(settings)} ASYNC"
    )


def _on(cluster: str | None) -> str:
    return f" ON CLUSTER {identifier(cluster)}" if cluster else ""
