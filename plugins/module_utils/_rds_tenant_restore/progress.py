# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read and write how far a restored schema is: a table in it. The cursor is passed in."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.quoting import quoted
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_restore.inventory import PROGRESS
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_restore.model import Progress


def read(cursor: t.Any, schema: str) -> Progress | None:
    """Return how far a schema is, or None where it isn't one that this module loads."""
    cursor.execute(
        "SELECT 1 FROM information_schema.tables WHERE table_schema = %s AND table_name = %s", [schema, PROGRESS]
    )
    if not cursor.fetchone():
        return None
    cursor.execute(f"SELECT stage, source, replaced FROM {quoted(schema)}.{PROGRESS}")
    row = cursor.fetchone()
    return Progress(*row) if row else Progress("loading", "", "")


def write(cursor: t.Any, schema: str, stage: str, source: str, replaced: str = "") -> None:
    """Say how far a schema is."""
    table = f"{quoted(schema)}.{PROGRESS}"
    cursor.execute(
        f"CREATE TABLE IF NOT EXISTS {table} (id TINYINT PRIMARY KEY, stage VARCHAR(16) NOT NULL, source VARCHAR(255) NOT NULL,"
        " replaced VARCHAR(64) NOT NULL)"
    )
    cursor.execute(
        f"REPLACE INTO {table} (id, stage, source, replaced) VALUES (1, %s, %s, %s)", [stage, source, replaced]
    )
