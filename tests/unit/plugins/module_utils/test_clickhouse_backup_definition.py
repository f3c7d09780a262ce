# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Write plain tables from the definitions in a backup."""

from __future__ import annotations

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.definition import (
    parse_definition,
)

# As ClickHouse 26.9 writes them into a backup.
EVERYTHING = r"""CREATE TABLE p.ev (`d` Date, `id` UInt64, `n` Nullable(String), `t` String DEFAULT concat(toString(id), '), TTL')
COMMENT 'a, b' CODEC(ZSTD(3)), `x` UInt8 ALIAS 1, `y` DateTime64(3, 'UTC')
MATERIALIZED now64(3) TTL toDateTime(y) + toIntervalMonth(1), `e` Enum8('a)' = 1, 'b,'' TTL' = 2),
`we\`ird` Array(Tuple(`a` UInt8, `b` Map(String, JSON(max_dynamic_paths = 8)))),
`w` String EPHEMERAL, INDEX i1 id TYPE minmax GRANULARITY 1, PROJECTION pr (SELECT id, count() GROUP BY id),
CONSTRAINT c1 CHECK id >= 0)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}', d) PARTITION BY toYYYYMM(d) PRIMARY KEY ttl
ORDER BY (id, d) SAMPLE BY id TTL d + toIntervalDay(1) DELETE WHERE id = 3, d + toIntervalDay(9) TO DISK 'cold'
SETTINGS deduplicate_merge_projection_mode = 'rebuild', index_granularity = 1024,
disk = disk(type = s3, a = 1), storage_policy = 'tiered'
COMMENT 'ORDER BY it''s'"""


def test_a_plain_table_has_the_columns_and_keys_and_nothing_that_changes_rows():
    definition = parse_definition(EVERYTHING)
    assert definition.has_parts
    assert definition.plain("s.t`x") == (
        r"CREATE TABLE `s`.`t\`x` (`d` Date, `id` UInt64, `n` Nullable(String), `t` String, `y` DateTime64(3, 'UTC'), "
        r"`e` Enum8('a)' = 1, 'b,'' TTL' = 2), `we\`ird` Array(Tuple(`a` UInt8, `b` Map(String, JSON(max_dynamic_paths = 8)))), "
        "PROJECTION pr (SELECT id, count() GROUP BY id)) ENGINE = MergeTree PARTITION BY toYYYYMM(d) PRIMARY KEY ttl "
        "ORDER BY (id, d) SETTINGS allow_floating_point_partition_key = 1, allow_nullable_key = 1, index_granularity = 1024"
    )


@pytest.mark.parametrize(
    ("text", "kind", "engine"),
    [
        ("CREATE VIEW p.v (`a` Int32) AS SELECT a FROM p.t ORDER BY a", "VIEW", ""),
        ("CREATE MATERIALIZED VIEW p.m TO p.t (`a` Int32) AS SELECT a FROM p.s", "MATERIALIZED VIEW", ""),
        (
            "CREATE MATERIALIZED VIEW p.m UUID 'db' TO INNER UUID 'd7' (`k` UInt64) ENGINE = SummingMergeTree ORDER BY k "
            "SETTINGS index_granularity = 8192 DEFINER = u SQL SECURITY DEFINER "
            "AS SELECT a AS k FROM p.s SETTINGS ENGINE = 1",
            "MATERIALIZED VIEW",
            "SummingMergeTree",
        ),
        (
            "CREATE MATERIALIZED VIEW p.m REFRESH EVERY 1 HOUR (`k` UInt64) ENGINE = MergeTree ORDER BY k AS SELECT 1 AS k",
            "MATERIALIZED VIEW",
            "MergeTree",
        ),
        ("CREATE DICTIONARY p.d (`k` UInt64) PRIMARY KEY k SOURCE(NULL()) LAYOUT(FLAT())", "DICTIONARY", ""),
        ("CREATE TABLE p.k (`a` Int32) ENGINE = Kafka SETTINGS kafka_broker_list = 'h:9092'", "TABLE", "Kafka"),
        ("CREATE TABLE p.n UUID 'c7' (`a` Int32) ENGINE = `Null`", "TABLE", "Null"),
        ("CREATE TABLE p.f AS numbers(10)", "TABLE", ""),
    ],
)
def test_kinds_and_engines_are_told(text, kind, engine):
    definition = parse_definition(text)
    assert (definition.kind, definition.engine) == (kind, engine)


def test_the_rows_of_a_materialized_view_fit_a_plain_table():
    text = "CREATE MATERIALIZED VIEW p.m (`k` UInt64) ENGINE = SummingMergeTree ORDER BY k AS SELECT a AS k FROM p.s ORDER BY a"
    plain = parse_definition(text).plain("s.m")
    assert plain.startswith("CREATE TABLE `s`.`m` (`k` UInt64) ENGINE = MergeTree ORDER BY k SETTINGS ")
    assert "SELECT" not in plain


def test_a_table_of_files_keeps_its_engine():
    definition = parse_definition("CREATE TABLE p.l (`a` Int32 DEFAULT 5) ENGINE = Log")
    assert definition.has_files
    assert definition.plain("s.l") == "CREATE TABLE `s`.`l` (`a` Int32) ENGINE = Log"


@pytest.mark.parametrize(
    "text", ["", "DROP TABLE x", "CREATE TABLE a.b (`x` Int32", "CREATE TABLE a.b (`x`) ENGINE = Log"]
)
def test_what_is_no_definition_is_refused(text):
    with pytest.raises(ValueError, match=r"definition|brackets|type"):
        parse_definition(text)


@pytest.mark.parametrize(
    "text",
    [
        "CREATE TABLE a.b (`x` Date, `y` Int32) ENGINE = MergeTree(x, y, 8192)",
        "CREATE TABLE a.k (`a` Int32) ENGINE = Kafka",
    ],
)
def test_what_has_no_plain_form_says_why(text):
    with pytest.raises(ValueError, match=r"ORDER BY|no parts"):
        parse_definition(text).plain("s.t")


@pytest.mark.parametrize(
    ("text", "acts"),
    [
        ("CREATE TABLE p.t (`a` Int32) ENGINE = ReplicatedMergeTree('/p', 'r') ORDER BY a", False),
        ("CREATE TABLE p.n (`a` Int32) ENGINE = `Null`", False),
        ("CREATE TABLE p.l (`a` Int32) ENGINE = Log", False),
        ("CREATE VIEW p.v (`a` Int32) AS SELECT a FROM p.t", False),
        ("CREATE MATERIALIZED VIEW p.m (`a` Int32) ENGINE = MergeTree ORDER BY a AS SELECT a FROM p.t", True),
        ("CREATE TABLE p.k (`a` Int32) ENGINE = Kafka SETTINGS kafka_broker_list = 'h:9092'", True),
        ("CREATE TABLE p.q (`a` Int32) ENGINE = S3Queue('u', 'CSV') SETTINGS mode = 'unordered'", True),
        ("CREATE TABLE p.d (`a` Int32) ENGINE = Distributed('c', 'p', 't')", True),
        ("CREATE TABLE p.b (`a` Int32) ENGINE = Buffer('p', 't', 1, 1, 1, 1, 1, 1, 1)", True),
        ("CREATE DICTIONARY p.d (`k` UInt64) PRIMARY KEY k SOURCE(NULL()) LAYOUT(FLAT())", True),
    ],
)
def test_what_acts_by_itself_or_leads_elsewhere_is_told_from_what_only_holds_rows(text, acts):
    assert parse_definition(text).acts == acts
