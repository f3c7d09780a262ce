# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Many requests that wait for nothing of each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

AT_ONCE = 16

Given = TypeVar("Given")
Made = TypeVar("Made")


def at_once(make: Callable[[Given], Made], given: Iterable[Given], most: int = AT_ONCE) -> list[Made]:
    """What `make` gives for each, in their order; up to `most` are made at a time. The first error ends it."""
    with ThreadPoolExecutor(max_workers=most) as pool:
        return list(pool.map(make, given))
