# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Write the statements, and compare tables with a backup."""

from __future__ import annotations

import dataclasses

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse.sql import string, table_identifier
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup import statements
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.restored import (
    UNCOMPARED,
    missing_tables,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.restoring import (
    Choice,
    Naming,
    differences,
    elements,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.selection import Selection
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.tables import Content
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError

from tests.support.backups import backup


def test_names_are_quoted():
    assert table_identifier("a`b.c.d") == "`a\\`b`.`c.d`"
    assert string("it's \\") == "'it\\'s \\\\'"


def test_a_backup_names_s3_by_its_collection_only():
    selection = Selection.from_options(
        {"databases": ["b", "a"], "exclude_tables": ["a.x"], "tables": ["c.t"], "partitions": {"c.t": [202601]}}
    )
    assert statements.backup(selection, "backups", "n", identity="i", base="m", cluster="c") == (
        "BACKUP TABLE `c`.`t` PARTITIONS '202601', DATABASE `b`, DATABASE `a` EXCEPT TABLES `a`.`x` ON CLUSTER `c` "
        "TO S3(`backups`, 'n') SETTINGS id = 'i', base_backup = S3(`backups`, 'm') ASYNC"
    )


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "Nothing to back up"),
        ({"tables": ["t"]}, "'t' is no database.table"),
        ({"databases": ["d"], "exclude_tables": ["e.t"]}, "whose database isn't in O(databases)"),
        ({"databases": ["d", "e"], "exclude_tables": ["d.t", "e.t"]}, "has tables of several databases"),
        ({"databases": ["d"], "tables": ["d.t"]}, "whose database is in O(databases) already"),
        ({"databases": ["d"], "partitions": {"d.t": ["1"]}}, "which isn't in O(tables)"),
    ],
)
def test_what_makes_no_sense_is_said(options, said):
    assert any(said in problem for problem in Selection.from_options(options).problems())


def test_only_what_is_missing_is_restored():
    selection = {"databases": ["d"], "tables": ["e.t", "e.u"]}
    choice = Choice(Naming((("d", "d2"),)))
    assert elements(selection, choice, leave_out=["d.done", "e.u"]) == [
        ["TABLE `e`.`t` AS `e`.`t`"],
        ["DATABASE `d` AS `d2` EXCEPT TABLES `d`.`done`"],
    ]
    assert elements(selection | {"tables": []}, choice) == [["DATABASE `d` AS `d2`"]]
    chosen = Choice(tables=("d.t",), partitions=(("d.t", ("1",)),))
    assert elements(selection, chosen) == [["TABLE `d`.`t` AS `d`.`t` PARTITIONS '1'"]]


def recorded(**tables):
    contents = {f"d.{name}": {"rows": rows, "hash": value} for name, (rows, value) in tables.items()}
    return dataclasses.replace(backup("b"), record={"tables": contents})


@pytest.mark.parametrize(
    ("there", "missing"),
    [(None, {"d.t"}), (Content(0, 0), {"d.t"}), (Content(5, 7), set()), (UNCOMPARED, set())],
)
def test_a_table_is_restored_where_it_is_missing_or_empty(there, missing):
    assert missing_tables(recorded(t=(5, 7)), {"d.t": there}, Choice()) == missing


def test_rows_that_are_not_the_backups_are_in_the_way_unless_appended_to():
    with pytest.raises(PlatformError, match=r"onto data: d2\.t \(4 rows\)"):
        missing_tables(recorded(t=(5, 7)), {"d.t": Content(4, 7)}, Choice(Naming((("d", "d2"),))))
    assert missing_tables(recorded(t=(5, 7)), {"d.t": Content(4, 7)}, Choice(append=True)) == {"d.t"}


def test_differences_name_the_table_and_what_differs():
    wanted = {"d.a": Content(1, 1), "d.b": Content(2, 2), "d.c": Content(3, 3), "d.e": None, "d.f": Content(4, 4)}
    found = {"d.a": None, "d.b": Content(1, 2), "d.c": Content(3, 9), "d.e": Content(1, 1), "d.f": Content(4, 4)}
    assert differences(wanted, found) == [
        "d.a was not restored",
        "d.b has 1 rows instead of 2",
        "d.c has 3 rows, but with other contents than were backed up",
    ]
