# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Rows of a bench: medians of ours and of the yardstick, taken alternately, with the machine's load beside them."""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Context:
    """What a row needs to measure: a folder of its own, and how often to repeat."""

    work: Path
    repeats: int


@dataclass(frozen=True)
class Row:
    """One figure. `ratio` is ours by the yardstick's; `load` the machine's one-minute load before and after."""

    name: str
    value: float
    unit: str
    against: str
    yardstick: float
    ratio: float
    bar: str
    load: tuple[float, float]
    samples: list[float] = field(repr=False)
    yardstick_samples: list[float] = field(repr=False)
    note: str = ""

    def as_dict(self) -> dict:
        return asdict(self)


def compare(
    context: Context,
    name: str,
    ours: Callable[[], float],
    yardstick: Callable[[], float],
    *,
    against: str,
    bar: str = "none",
    note: Callable[[], str] = str,
) -> Row:
    """Measure seconds of both in turn, `context.repeats` times, and take the medians."""
    before = os.getloadavg()[0]
    pairs = [(ours(), yardstick()) for _ in range(context.repeats)]
    samples, yardstick_samples = ([pair[side] for pair in pairs] for side in (0, 1))
    load = (before, os.getloadavg()[0])
    return row(name, samples, yardstick_samples, load, against=against, bar=bar, note=note())


def there_and_back(
    context: Context, operations: Mapping[str, Callable[[], float]]
) -> tuple[dict[str, list[float]], tuple[float, float]]:
    """Seconds of each operation by its name, one a repeat, and the load before and after.

    Every other repeat goes through them in the opposite order: what grows while it runs strikes all alike.
    """
    before = os.getloadavg()[0]
    samples: dict[str, list[float]] = {name: [] for name in operations}
    for repeat in range(context.repeats):
        for name in reversed(operations) if repeat % 2 else operations:
            samples[name].append(operations[name]())
    return samples, (before, os.getloadavg()[0])


def row(
    name: str,
    samples: list[float],
    yardstick_samples: list[float],
    load: tuple[float, float],
    *,
    against: str,
    bar: str = "none",
    unit: str = "s",
    note: str = "",
) -> Row:
    """The row of samples that were taken alternately; the medians count."""
    value, yardstick = statistics.median(samples), statistics.median(yardstick_samples)
    return Row(
        name=name,
        value=round(value, 2),
        unit=unit,
        against=against,
        yardstick=round(yardstick, 2),
        ratio=round(value / yardstick, 2) if yardstick else 0.0,
        bar=bar,
        load=(round(load[0], 1), round(load[1], 1)),
        samples=[round(sample, 2) for sample in samples],
        yardstick_samples=[round(sample, 2) for sample in yardstick_samples],
        note=note,
    )


def table(rows: list[Row]) -> str:
    """The rows for a person to read."""
    heads = ("row", "ours", "yardstick", "ratio", "bar", "load", "measured against")
    cells = [
        (
            row.name,
            f"{row.value:.2f} {row.unit}",
            f"{row.yardstick:.2f} {row.unit}",
            f"{row.ratio:.2f}",
            row.bar,
            f"{row.load[0]}-{row.load[1]}",
            row.against,
        )
        for row in rows
    ]
    widths = [max(len(line[column]) for line in [heads, *cells]) for column in range(len(heads))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in [heads, *cells]
    ]
    return "\n".join([*lines, *(f"{row.name}: {row.note}" for row in rows if row.note)])
