# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Provide a ClickHouse server with some data, and run the module against it."""

from __future__ import annotations

import itertools

import pytest

from tests.support.clickhouse import PREFIX, running_server
from tests.support.module_runs import run_steps

MODULE = "knowledgecity.platform.clickhouse_backup"


@pytest.fixture(scope="module")
def server(lab):
    with running_server(lab, "me-west-1") as running:
        yield running


@pytest.fixture(scope="module")
def other_server(lab):
    with running_server(lab, "eu-central-1") as running:
        yield running


@pytest.fixture
def database(server, request):
    """Create a database for the test: a partitioned table, a small one, one without parts, and a view."""
    name = f"db_{abs(hash(request.node.nodeid)) % 10**8}"
    server(f"CREATE DATABASE {name}")
    server(
        f"CREATE TABLE {name}.events (day Date, id UInt64, text String) ENGINE = MergeTree "
        "PARTITION BY toYYYYMM(day) ORDER BY id"
    )
    server(
        f"INSERT INTO {name}.events SELECT toDate('2026-01-01') + number % 90, number, toString(cityHash64(number)) "
        "FROM numbers(20000)"
    )
    server(f"CREATE TABLE {name}.small (a Int32) ENGINE = MergeTree ORDER BY a")
    server(f"INSERT INTO {name}.small VALUES (1), (2), (2)")
    server(f"CREATE TABLE {name}.plain (a Int32) ENGINE = Log")
    server(f"INSERT INTO {name}.plain VALUES (7)")
    server(f"CREATE VIEW {name}.per_day AS SELECT day, count() AS events FROM {name}.events GROUP BY day")
    yield name
    server(f"DROP DATABASE {name} SYNC")


@pytest.fixture
def run_module(lab, server, tmp_path):
    """Return a function that runs the module with each of the options, and returns the results."""
    counter = itertools.count()

    def run(*steps, arguments=(), on=server):
        common = on.login() | {"bucket": on.bucket, "prefix": PREFIX}
        folder = tmp_path / f"run-{next(counter)}"
        answers, output = run_steps(
            lab, folder, MODULE, [common | step for step in steps], *arguments, region=on.region
        )
        run.output = output
        return answers

    return run


@pytest.fixture
def content(server):
    """Return a function that reads the number of rows and the hash of a table from the server."""

    def read(table, on=server):
        return on(f"SELECT count(), groupBitXor(cityHash64(*)) FROM {table}")

    return read
