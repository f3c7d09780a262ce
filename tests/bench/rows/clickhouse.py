# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Backups of ClickHouse: what the module adds to the engine, and both against rclone on the same bytes and the same S3.

The S3 is the lab's, which is Python, and SeaweedFS, which is not: rows of the latter end with `_seaweedfs`.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lab.settings import CHECKOUT
from tests.bench.harness import Context, Row, compare, row, there_and_back
from tests.bench.places import Place, lab_place, seaweedfs_collection, seaweedfs_place
from tests.support.clickhouse import Server, running_server
from tests.support.labs import running_lab
from tests.support.seaweedfs import running_seaweedfs

if TYPE_CHECKING:
    from tests.bench.backups import Backups

_REGION = "me-west-1"
# Incompressible: 8 parts of 8 columns of 8 MB each, 512 MB, so that what is spent once hardly counts.
_COLUMNS, _PARTS, _ROWS = "abcdefgh", 8, 8_000_000
_PARTITIONS = 1000  # of the table that has many small files

_YARDSTICKS = {"bare": "the bare BACKUP statement", "rclone up": "rclone copy up", "rclone down": "rclone copy down"}


def measure(context: Context) -> Iterator[Row]:
    """Yield the rows."""
    sys.path.append(str(CHECKOUT / ".build" / "collections"))  # the module's own parts, imported where they are used
    with (
        running_lab(context.work / "lab") as lab,
        running_seaweedfs(context.work / "seaweedfs", lab.stack.settings.tls) as seaweedfs,
        running_server(lab, _REGION, others=(seaweedfs_collection(seaweedfs),)) as server,
    ):
        _fill(server)
        for place in (lab_place(server), seaweedfs_place(seaweedfs, _REGION)):
            yield from _measure_at(place, server, context)


def _fill(server: Server) -> None:
    server("CREATE DATABASE bench")
    columns = ", ".join(f"{name} UInt64" for name in _COLUMNS)
    server(f"CREATE TABLE bench.big ({columns}) ENGINE = MergeTree PARTITION BY a % {_PARTS} ORDER BY tuple()")
    values = ", ".join(f"rand64({number})" for number in range(len(_COLUMNS)))
    server(f"INSERT INTO bench.big SELECT {values} FROM numbers({_ROWS})")
    server("OPTIMIZE TABLE bench.big FINAL")
    server("CREATE TABLE bench.many (a UInt64) ENGINE = MergeTree PARTITION BY a ORDER BY a")
    server(f"INSERT INTO bench.many SELECT number FROM numbers({_PARTITIONS})", max_partitions_per_insert_block="0")


def _measure_at(place: Place, server: Server, context: Context) -> Iterator[Row]:
    from tests.bench.backups import Backups

    big = Backups(server, place, "bench.big", context.work)
    yield from _copies(place, big, context)
    yield compare(
        context,
        f"ch_incremental_s{place.suffix}",
        big.incremental,
        big.bare_incremental,
        against="the bare BACKUP statement with a base",
        bar="< 2 s",
    )
    yield _listing(place, Backups(server, place, "bench.many", context.work), context)


def _copies(place: Place, big: Backups, context: Context) -> Iterator[Row]:
    """The rows of a full backup and of what reads it, from samples that are shared."""
    operations = {
        "bare": big.bare,
        "module": big.module,
        "rclone up": big.rclone_up,
        "restore": big.restore,
        "rclone down": big.rclone_down,
        "bytes": big.verify_bytes,
        "compare": big.restore_and_compare,
    }
    for name in ("rclone up", "restore", "bytes"):
        operations[name]()  # a backup was made before; what the others set up once is not to be measured either
    big.outside.clear()
    samples, load = there_and_back(context, operations)
    sizes = big.objects().values()
    what = f"{len(sizes)} objects, {sum(sizes) / 1e6:.0f} MB, {place.title}"
    for name, ours, yardstick, bar, note in (
        ("module_overhead", "module", "bare", "<= 1.05", _outside(big)),
        ("backup_vs_rclone", "module", "rclone up", "<= 1.25", "all of the module's work"),
        ("restore_vs_rclone", "restore", "rclone down", "<= 1", "the RESTORE statement"),
        (
            "restore_compared",
            "compare",
            "rclone down",
            "none",
            "all of the module's work: it compares each part after it",
        ),
        ("verify_bytes_vs_rclone", "bytes", "rclone down", "<= 1.25", "with the list before it"),
    ):
        yield row(
            f"ch_{name}{place.suffix}",
            samples[ours],
            samples[yardstick],
            load,
            against=_YARDSTICKS[yardstick],
            bar=bar,
            note=f"{what}; {note}",
        )


def _outside(big: Backups) -> str:
    return (
        f"{statistics.median(big.outside):.2f} s of it outside the engine's own time for the statement; "
        "in one process, without Ansible's start"
    )


def _listing(place: Place, many: Backups, context: Context) -> Row:
    files = len(many.objects())
    return compare(
        context,
        f"ch_verify_files_per_s{place.suffix}",
        lambda: many.verify_list() / files * 10_000,
        lambda: many.list_objects() / files * 10_000,
        against="listing the objects with boto3",
        bar="< 5 s for 10,000 files",
        note=lambda: f"seconds for 10,000 files, from a backup of {files} objects",
    )
