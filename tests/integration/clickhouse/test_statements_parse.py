# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Parse statements that this lab's engine can't run, since it has no cluster and no access entities."""

from __future__ import annotations

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup import statements
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.restoring import (
    Choice,
    Naming,
    beside,
    elements,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.selection import Selection

OPTIONS = {
    "databases": ["a", "b", "it's"],
    "exclude_tables": ["a.x", "a.y"],
    "tables": ["c.t", "c.`odd"],
    "partitions": {"c.t": ["202601", "('a', 1)"]},
    "access_entities": True,
}
BACKUP = statements.backup(
    Selection.from_options(OPTIONS), "backups", "new", identity="i", base="old", cluster="all shards"
)
CHOICE = Choice(Naming((("a", "z"),)))
RESTORES = [
    statements.restore(group, "backups", "new", identity="i", cluster="all shards", structure_only=True, append=True)
    for group in elements(Selection.from_options(OPTIONS).to_record(), CHOICE, leave_out=["b.done", "a.done"])
]
BESIDE = statements.restore(
    beside(CHOICE, ["a.t", "a.it's"]), "backups", "new", identity="i", create=False, any_definition=True
)


@pytest.mark.not_proven(
    "ClickHouse: ON CLUSTER, access entities and data of replicated tables (chdb has none); the engine's parser takes the SQL"
)
@pytest.mark.parametrize("statement", [BACKUP, *RESTORES, BESIDE])
def test_the_engines_parser_takes_it(server, statement):
    assert "Query" in server(f"EXPLAIN AST {statement}").splitlines()[0]


def test_the_parser_refuses_what_is_no_statement(server):
    with pytest.raises(AssertionError, match=r"Code: 62\."):
        server("EXPLAIN AST BACKUP DATABASE a ON CLUSTER TO S3(backups)")
