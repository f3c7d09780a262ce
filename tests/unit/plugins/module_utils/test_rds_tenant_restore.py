# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Plan the restore of one tenant's schema, and say what is in the way."""

from __future__ import annotations

import dataclasses

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_restore.inventory import (
    PROGRESS,
    Column,
    Inventory,
    Stored,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_restore.model import (
    Account,
    Progress,
    State,
    Wanted,
    check,
    differences,
    out_of_date,
    plan,
    to_create,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_restore.rows import row_expression

_SOURCE = "beside.example.com"
_LOAD = Wanted("loaded", "tenantacme", "tenantacme", "restored_tenantacme", "replaced_tenantacme", _SOURCE)
_SWITCH, _REMOVE = (dataclasses.replace(_LOAD, state=state) for state in ("switched", "absent"))
_VIEW = Stored("VIEW", "active", "CREATE VIEW active AS SELECT 1", "tenantacme@%")
_TRIGGER = Stored("TRIGGER", "stamp", "CREATE TRIGGER stamp BEFORE INSERT ON t FOR EACH ROW SET @a = 1", "tenantacme@%")
_TABLES = {"t": "CREATE TABLE `t` (`id` int) AUTO_INCREMENT=7"}
_SCHEMA = Inventory("utf8mb4", "utf8mb4_0900_ai_ci", _TABLES, {"t": (Column("id", "int"),)}, (_VIEW, _TRIGGER))
_EMPTY = Inventory("utf8mb4", "utf8mb4_0900_ai_ci", {}, {}, ())
_DROPPED = State(_SCHEMA, None, None, None, None, False, True, ("tenantacme@%",))
_LOADED = dataclasses.replace(_DROPPED, restored=_SCHEMA, progress=Progress("loaded", _SOURCE, ""), missing_definers=())


def _texts(wanted: Wanted, state: State) -> str:
    return " ".join(finding.text for finding in check(wanted, state))


def _actions(wanted: Wanted, state: State) -> list[str]:
    assert not _texts(wanted, state)
    return [f"{change.action} {change.resource}" for change in plan(wanted, state)]


def test_a_dropped_tenant_is_loaded_and_switched():
    assert _actions(_LOAD, _DROPPED) == ["create locked account tenantacme@%", "load schema restored_tenantacme"]
    assert _actions(_LOAD, _LOADED) == []
    assert _actions(_SWITCH, _LOADED) == ["switch schema tenantacme"]
    switched = dataclasses.replace(
        _LOADED, live=_SCHEMA, restored=_EMPTY, progress=Progress("switched", _SOURCE, "replaced_tenantacme")
    )
    assert _actions(_SWITCH, switched) == []
    assert _actions(_REMOVE, switched) == ["delete schema restored_tenantacme"]


def test_a_loading_that_was_cut_off_begins_again():
    cut_off = dataclasses.replace(_LOADED, progress=Progress("loading", _SOURCE, ""))
    assert _actions(_LOAD, cut_off) == ["replace schema restored_tenantacme"]
    assert "is not loaded" in _texts(_SWITCH, cut_off)


def test_a_switch_that_was_cut_off_is_finished_first():
    moved = dataclasses.replace(
        _LOADED,
        live=_SCHEMA,
        restored=_EMPTY,
        progress=Progress("switching", _SOURCE, "replaced_tenantacme"),
        has_replaced=True,
    )
    assert _actions(_SWITCH, moved) == ["switch schema tenantacme"]
    for wanted in (_LOAD, _REMOVE):
        assert "was cut off" in _texts(wanted, moved)


@pytest.mark.parametrize(
    ("account", "words"),
    [(Account(False, 0), "can still write"), (Account(True, 2), "still has 2 sessions"), (Account(True, 0), "")],
)
def test_nobody_writes_during_the_switch(account, words):
    found = _texts(_SWITCH, dataclasses.replace(_LOADED, live=_SCHEMA, account=account))
    assert words in found
    assert bool(words) == bool(found)


def test_schemas_of_others_are_not_taken():
    assert "was not loaded by this module" in _texts(_LOAD, dataclasses.replace(_DROPPED, restored=_SCHEMA))
    assert plan(_REMOVE, dataclasses.replace(_DROPPED, restored=_SCHEMA)) == []
    kept = dataclasses.replace(_LOADED, live=_SCHEMA, has_replaced=True)
    assert "There is a schema replaced_tenantacme" in _texts(_SWITCH, kept)
    other = dataclasses.replace(_LOADED, progress=Progress("loaded", "other.example.com", ""))
    assert "other.example.com" in _texts(_LOAD, other)
    assert "MySQL's own" in _texts(dataclasses.replace(_LOAD, schema="mysql"), _DROPPED)
    assert "64 characters" in _texts(dataclasses.replace(_LOAD, restored="r" * 65), _DROPPED)
    assert "three schemas" in _texts(dataclasses.replace(_LOAD, restored="tenantacme"), _DROPPED)


def test_what_the_server_would_refuse_later_is_said_before():
    assert "log_bin_trust_function_creators" in _texts(_LOAD, dataclasses.replace(_DROPPED, trusts_creators=False))
    assert "has no schema" in _texts(_LOAD, dataclasses.replace(_DROPPED, source=None))
    used = dataclasses.replace(_SCHEMA, tables=_TABLES | {PROGRESS: "CREATE TABLE"})
    assert "which this module uses" in _texts(_LOAD, dataclasses.replace(_DROPPED, source=used))


def test_only_what_differs_is_created_again_and_every_trigger():
    other = dataclasses.replace(_VIEW, statement="CREATE VIEW active AS SELECT 2")
    assert out_of_date(_SCHEMA, _SCHEMA) == [_TRIGGER]
    assert out_of_date(dataclasses.replace(_SCHEMA, stored=(other,)), _SCHEMA) == [other]
    assert to_create(dataclasses.replace(_SCHEMA, stored=(_VIEW,)), _SCHEMA) == [_TRIGGER]
    counted = dataclasses.replace(_SCHEMA, tables={"t": "CREATE TABLE `t` (`id` int)"})
    assert differences(_SCHEMA, counted) == []
    assert differences(_SCHEMA, dataclasses.replace(_SCHEMA, stored=(other, _TRIGGER))) == ["view active"]
    assert differences(_SCHEMA, None) == ["table t", "trigger stamp", "view active"]


def test_each_kind_of_column_is_written_as_it_is_read_again():
    kinds = ("int", "varchar", "blob", "float", "bit", "datetime", "json", "point")
    expression = row_expression([Column(f"c`{kind}", kind) for kind in kinds])
    for part in (
        "CONCAT(`c``int`)",
        "QUOTE(CONVERT(`c``varchar` USING utf8mb4))",
        "HEX(`c``blob`)",
        "CAST(`c``float` AS DOUBLE)",
        "`c``bit` + 0",
        "CONCAT('\\'', `c``datetime`, '\\'')",
        "QUOTE(CONVERT(`c``json` USING utf8mb4))",
        "HEX(`c``point`)",
    ):
        assert part in expression
