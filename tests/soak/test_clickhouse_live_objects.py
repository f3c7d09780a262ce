# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A hundred thousand inserts through views of every kind, while backups are proven and restored beside again and again."""

from __future__ import annotations

import itertools
import time

import pytest

from tests.support.clickhouse import PREFIX, running_server
from tests.support.clickhouse_load import create, inserting
from tests.support.module_runs import run_steps

pytestmark = pytest.mark.soak

MODULE = "knowledgecity.platform.clickhouse_backup"
INSERTS = 100_000
DATABASE = "soak_views"


def test_a_hundred_thousand_inserts_are_there_once(lab, tmp_path, evidence):
    started = time.monotonic()
    with running_server(lab, "me-west-1") as server:
        create(server, DATABASE)
        common = server.login() | {"bucket": server.bucket, "prefix": PREFIX}
        with inserting(server, DATABASE, threads=4) as load:
            for number in itertools.count():
                name, beside = f"soak-{number}", f"{DATABASE}_{number}"
                answers, _output = run_steps(
                    lab,
                    tmp_path / str(number),
                    MODULE,
                    [
                        common | {"name": name, "databases": [DATABASE]},
                        common | {"name": name, "state": "verified", "verify": "scratch"},
                        common | {"name": name, "state": "restored", "restore": {"databases": {DATABASE: beside}}},
                    ],
                    region=server.region,
                )
                assert not any(answer.get("failed") for answer in answers), answers
                server(f"DROP DATABASE {beside} SYNC")
                if load.inserts >= INSERTS:
                    break
        surplus = load.surplus()
        assert load.errors == []
        assert set(surplus.values()) == {0}, surplus
    evidence(
        "clickhouse-live-objects",
        {
            "inserts": load.inserts,
            "proofs_and_restores_beside": number + 1,
            "errors": len(load.errors),
            "surplus_rows": surplus,
            "seconds": round(time.monotonic() - started),
        },
    )
