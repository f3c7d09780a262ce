# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Write the statements, and compare tables with a backup."""

from __future__ import annotations

import collections
import dataclasses

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse.sql import string, table_identifier
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup import statements
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.holding import (
    Found,
    restore_fault,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.metadata import File
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.receipt import finished
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.record import held
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.restored import missing_tables
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.restoring import (
    Choice,
    Naming,
    beside,
    elements,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.scratch import part_differences
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.selection import Selection
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.tables import Part, Table
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


def test_only_what_is_missing_is_restored_and_what_is_renamed_goes_table_by_table():
    selection = {"databases": ["d", "f"], "tables": ["e.t", "e.u"]}
    choice = Choice(Naming((("d", "d2"),)))
    names = ["d.a", "d.done", "e.t", "e.u", "f.x"]
    assert beside(choice, names, ["d.done"]) == ["TABLE `d`.`a` AS `d2`.`a`"]
    assert elements(selection, choice, leave_out=["d.done", "e.u", "f.x"]) == [
        ["TABLE `e`.`t` AS `e`.`t`"],
        ["DATABASE `f` EXCEPT TABLES `f`.`x`"],
    ]
    assert elements(selection | {"tables": []}, Choice()) == [["DATABASE `d`", "DATABASE `f`"]]
    chosen = Choice(tables=("d.t",), partitions=(("d.t", ("1",)),))
    assert elements(selection, chosen) == [["TABLE `d`.`t` AS `d`.`t` PARTITIONS '1'"]]


def test_a_proof_creates_nothing_by_its_restore():
    assert statements.restore(["TABLE a.b"], "c", "n", identity="i", create=False, any_definition=True) == (
        "RESTORE TABLE a.b FROM S3(`c`, 'n') SETTINGS id = 'i', create_database = 0, create_table = 0, "
        "allow_different_table_def = 1 ASYNC"
    )


KEPT = Table("MergeTree", "uuid-of-it", None)
BOTH = {"all_1_1_0": Part(2, "aa"), "all_2_2_0": Part(3, "bb")}


def table(listed=BOTH, active=None, of=KEPT):
    return Found(of, listed if active is None else active, listed)


def recorded(restored=None):
    """A backup of one table in two parts."""
    files = tuple(File(f"data/d/t/{part}/checksums.txt", 9, f"id-{part}") for part in BOTH)
    record = {
        "tables": {"d.t": {"rows": 5, "hash": "h", "parts": {f"id-{name}": list(part) for name, part in BOTH.items()}}}
    }
    made = backup("b")
    return dataclasses.replace(
        made, metadata=dataclasses.replace(made.metadata, files=files), record=record, restored=restored
    )


MERGED = {"all_1_2_1": Part(4, "cc")}
GREW = {"all_3_3_0": Part(1, "dd")}


@pytest.mark.parametrize(
    ("there", "missing"),
    [
        (None, {"d.t"}),
        (table({}), {"d.t"}),
        (table(), set()),
        (table(BOTH | MERGED, MERGED), set()),
        (Found(KEPT), set()),
    ],
)
def test_a_table_is_restored_where_it_is_missing_or_empty(there, missing):
    assert missing_tables(recorded(), {"d.t": there}, Choice()) == missing


@pytest.mark.parametrize(
    ("there", "rows"),
    [
        (table(MERGED), 4),
        (table(BOTH | GREW), 6),
        (table(BOTH | GREW | {"all_1_3_1": Part(4, "ee")}, {"all_1_3_1": Part(4, "ee")}), 4),
        (table(BOTH | {"all_1_1_0_9": Part(2, "ff")}, {"all_1_1_0_9": Part(2, "ff"), "all_2_2_0": Part(3, "bb")}), 5),
    ],
    ids=["only merged", "grew", "grew and merged", "mutated"],
)
def test_rows_that_are_not_the_backups_are_in_the_way_unless_appended_to(there, rows):
    renamed = Choice(Naming((("d", "d2"),)))
    with pytest.raises(PlatformError, match=rf"onto data: d2\.t \({rows} rows\)"):
        missing_tables(recorded(), {"d.t": there}, renamed)
    assert missing_tables(recorded(), {"d.t": there}, Choice(append=True)) == {"d.t"}


def test_a_table_that_was_restored_is_known_whatever_it_holds_by_now():
    receipt = finished(recorded(), {"d2.t": "uuid-of-it"})
    renamed, there = Choice(Naming((("d", "d2"),))), {"d.t": table(GREW)}
    assert missing_tables(recorded(receipt), there, renamed) == set()
    with pytest.raises(PlatformError, match=r"onto data: d\.t"):
        missing_tables(recorded(receipt), there, Choice())
    with pytest.raises(PlatformError, match=r"onto data: d2\.t"):
        missing_tables(recorded(receipt | {"uuid": "another backup's"}), there, renamed)


@pytest.mark.parametrize(
    ("there", "fault"),
    [
        (table(), ""),
        (table(BOTH | MERGED, MERGED, Table("ReplacingMergeTree", "", None)), ""),
        (table(MERGED, of=Table("ReplacingMergeTree", "", None)), ""),
        (table({}, of=Table("MergeTree", "", None, ttl=True)), ""),
        (table(BOTH | GREW), ""),
        (None, "was not restored"),
        (table({}), "has 0 rows instead of 5"),
        (table({"all_1_1_0": Part(2, "aa")}), "has 2 rows instead of 5"),
        (table({"all_1_1_0": Part(2, "aa"), "all_2_2_0": Part(3, "xx")}), "has 5 rows, but parts with other files"),
    ],
)
def test_what_merges_and_ttls_do_to_restored_rows_is_no_fault_of_the_backup(there, fault):
    found = restore_fault(there, held(recorded())["d.t"])
    assert found.startswith(fault)
    assert bool(found) == bool(fault)


def test_differences_of_a_proof_name_the_table_and_what_differs():
    wanted = collections.Counter([Part(1, "a"), Part(1, "a"), Part(2, "b")])
    assert part_differences("d.t", wanted, [Part(2, "b"), Part(1, "a"), Part(1, "a")]) == []
    assert part_differences("d.t", wanted, [Part(1, "a"), Part(2, "b")]) == ["d.t has 3 rows instead of 4"]
    assert part_differences("d.t", wanted, [Part(1, "a"), Part(1, "x"), Part(2, "b")]) == [
        "d.t has 4 rows, but 1 of its parts with other files than were backed up"
    ]
