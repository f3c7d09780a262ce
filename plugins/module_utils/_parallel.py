# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Call a function for several items at the same time."""

from __future__ import annotations

import typing as t
from concurrent.futures import ThreadPoolExecutor

Item = t.TypeVar("Item")
Result = t.TypeVar("Result")

WORKERS = 8


def in_parallel(function: t.Callable[[Item], Result], items: t.Iterable[Item], workers: int = WORKERS) -> list[Result]:
    """Return the results of ``function`` in the order of ``items``.

    Raise the first item's error, in that order, once the calls that have begun have ended. Others are not made then.
    """
    todo = list(items)
    if len(todo) < 2:
        return [function(item) for item in todo]
    with ThreadPoolExecutor(max_workers=min(workers, len(todo))) as pool:
        return list(pool.map(function, todo))


def grouped(items: t.Iterable[Item], key: t.Callable[[Item], t.Any]) -> list[list[Item]]:
    """Group items by ``key``, each group in the order of the items: what must be done one after the other."""
    groups: dict[t.Any, list[Item]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return list(groups.values())
