# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""What a failover took, in milliseconds, our part and AWS's apart. Pure functions over the marks of a journal."""

from __future__ import annotations

import datetime
import typing as t

# In their order; each says what had come to an end.
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
    """Each mark with the milliseconds since the beginning, those since the mark before, and who took them."""
    known = [(name, marks[name]) for name in MARKS if name in marks]
    found = []
    for position, (name, at) in enumerate(known):
        before = known[max(position - 1, 0)][1]
        by = "aws" if name == "promoted" else "ours"
        found.append({"mark": name, "at_ms": at - known[0][1], "took_ms": at - before, "by": by})
    return found


def write_block(marks: dict[str, int]) -> dict[str, int] | None:
    """How long nobody could write: from the fence to the first write; None before that was proven."""
    begun = marks.get("fence_begun", marks.get("begun"))
    if begun is None or "opened" not in marks:
        return None
    whole = marks["opened"] - begun
    aws = marks["promoted"] - marks["promotion_asked"]
    return {"write_block_ms": whole, "ours_ms": whole - aws, "aws_ms": aws}


def iso(milliseconds: int) -> str:
    """A mark for a person to read."""
    return datetime.datetime.fromtimestamp(milliseconds / 1000, datetime.UTC).isoformat(timespec="milliseconds")
