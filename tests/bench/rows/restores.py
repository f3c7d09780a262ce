# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Restores of the database by their playbooks: an instance in both regions, and one tenant out of it. The servers are real."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.harness import Context, Row, row
from tests.support.labs import running_lab
from tests.support.restores import (
    RESTORED,
    given,
    make_tenant,
    next_second,
    play,
    regions_with_backups,
    wait_for_copy,
    written,
)
from tests.support.two_regions import HERE, THERE, TwoRegions

_ROWS, _SCHEMA = 200_000, "tenantbench"
_SIMULATED = "simulated: a base and binary logs of some minutes; RDS takes tens of minutes for the instance"


def measure(context: Context) -> Iterator[Row]:
    """Yield the rows."""
    with running_lab(context.work / "lab", instances=True) as lab:
        regions = regions_with_backups(lab)
        make_tenant(regions, _SCHEMA, "Tenants-password-4")
        _fill(regions)
        moment = next_second()
        wait_for_copy(regions, moment)
        time.sleep(5)
        yield from _instances(context, regions, written(moment))
        yield _tenant(context, regions, written(moment))


def _fill(regions: TwoRegions) -> None:
    regions.query(
        HERE,
        "SET SESSION cte_max_recursion_depth = 1000000",
        f"INSERT INTO {_SCHEMA}.orders (id, note) WITH RECURSIVE n (i) AS"
        f" (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {_ROWS}) SELECT i, CONCAT('an order ', i, ' ', SHA2(i, 256)) FROM n",
        timeout=120,
    )


def _created(regions: TwoRegions, region: str) -> float:
    """Return how long an empty instance takes."""
    place, name, started = regions.places[region], "empty", time.monotonic()
    place.create(name)
    place.wait(name)
    took = time.monotonic() - started
    place.rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)
    place.wait(name, None)
    return took


def _instances(context: Context, regions: TwoRegions, moment: str) -> Iterator[Row]:
    for region, name in ((THERE, "restore_instance_other_region_s"), (HERE, "restore_instance_s")):
        before, ours, empty = os.getloadavg()[0], [], []
        for _ in range(min(3, context.repeats)):
            _remove(regions, context.work, region)
            ours.append(
                play(regions, context.work, "restore_instance", *given(time=moment), "--limit", region)
                .succeeded()
                .seconds
            )
            empty.append(_created(regions, region))
        load = (before, os.getloadavg()[0])
        yield row(name, ours, empty, load, against="an empty instance by the API", note=_SIMULATED)


def _remove(regions: TwoRegions, work: Path, region: str) -> None:
    if regions.places[region].state(f"{regions.name(region)}-{RESTORED}"):
        play(regions, work, "restore_instance", *given(state="absent"), "--limit", region).succeeded()


def _tenant(context: Context, regions: TwoRegions, moment: str) -> Row:
    """Drop a tenant, and restore it out of the instance that is there: loaded, compared and switched."""
    before, ours, within = os.getloadavg()[0], [], []
    for _ in range(min(3, context.repeats)):
        started = time.monotonic()
        regions.query(
            HERE,
            "DROP DATABASE IF EXISTS yardstick",
            "CREATE DATABASE yardstick",
            f"CREATE TABLE yardstick.orders LIKE {_SCHEMA}.orders",
            f"INSERT INTO yardstick.orders SELECT * FROM {_SCHEMA}.orders",
            timeout=120,
        )
        within.append(time.monotonic() - started)
        regions.query(HERE, f"DROP DATABASE {_SCHEMA}", f"DROP DATABASE IF EXISTS restored_{_SCHEMA}")
        asked = given(schema=_SCHEMA, time=moment)
        ran = [
            play(regions, context.work, "restore_tenant", *asked, *more).succeeded()
            for more in ((), given(switch="true"))
        ]
        assert regions.query(HERE, f"SELECT COUNT(*) FROM {_SCHEMA}.orders") == [[_ROWS]]
        ours.append(sum(item.seconds for item in ran))
    return row(
        "restore_tenant_s",
        ours,
        within,
        (before, os.getloadavg()[0]),
        against="INSERT … SELECT within one server",
        note=f"{_ROWS} rows, by two runs of the playbook (loaded and compared, switched), of an instance that is restored already",
    )
