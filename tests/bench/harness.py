# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Rows of a bench: medians of ours and of the yardstick, taken alternately, with the machine's load beside them."""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable
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
    return medians(name, (samples, yardstick_samples), unit="s", against=against, bar=bar, before=before, note=note())


def medians(
    name: str,
    sides: tuple[list[float], list[float]],
    *,
    unit: str,
    against: str,
    bar: str,
    before: float,
    note: str = "",
) -> Row:
    """A row of samples that were taken already, ours and the yardstick's; `before` is the load when they were begun."""
    value, yardstick = (statistics.median(side) for side in sides)
    return Row(
        name=name,
        value=round(value, 2),
        unit=unit,
        against=against,
        yardstick=round(yardstick, 2),
        ratio=round(value / yardstick, 2) if yardstick else 0.0,
        bar=bar,
        load=(round(before, 1), round(os.getloadavg()[0], 1)),
        samples=[round(item, 2) for item in sides[0]],
        yardstick_samples=[round(item, 2) for item in sides[1]],
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
