# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Run independent requests in parallel."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

MAX_PARALLEL = 16

Given = TypeVar("Given")
Made = TypeVar("Made")


def run_parallel(make: Callable[[Given], Made], given: Iterable[Given], most: int = MAX_PARALLEL) -> list[Made]:
    """Return `make(item)` for each item, in order, with up to `most` at a time. The first error is raised."""
    with ThreadPoolExecutor(max_workers=most) as pool:
        return list(pool.map(make, given))
