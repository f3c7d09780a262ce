# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Measure a failover in milliseconds, our part and AWS's apart. Pure functions over the marks of a journal."""

from __future__ import annotations

import datetime
import typing as t

# In their order; each names what had ended.
MARKS = (
    "begun",
    "fence_begun",
    "fenced",
    "drained",
    "promotion_asked",
    "promoted",
    "recorded",
    "opened",
    "old_fenced",
    "finished",
)


def timeline(marks: dict[str, int]) -> list[dict[str, t.Any]]:
    """Return each mark with the milliseconds since the beginning and since the earlier mark, and whose part they are."""
    known = [(name, marks[name]) for name in MARKS if name in marks]
    found = []
    for position, (name, at) in enumerate(known):
        before = known[max(position - 1, 0)][1]
        by = "aws" if name == "promoted" else "ours"
        found.append({"mark": name, "at_ms": at - known[0][1], "took_ms": at - before, "by": by})
    return found


def write_block(marks: dict[str, int]) -> dict[str, int] | None:
    """Return how long nobody could write, from the fence to the first write; None before that write."""
    begun = marks.get("fence_begun", marks.get("begun"))
    if begun is None or "opened" not in marks:
        return None
    whole = marks["opened"] - begun
    aws = marks["promoted"] - marks["promotion_asked"]
    return {"write_block_ms": whole, "ours_ms": whole - aws, "aws_ms": aws}


def iso(milliseconds: int) -> str:
    """Format a mark as ISO 8601 in UTC."""
    return datetime.datetime.fromtimestamp(milliseconds / 1000, datetime.UTC).isoformat(timespec="milliseconds")
