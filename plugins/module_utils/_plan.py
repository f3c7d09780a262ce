# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The house rule of a module: read, plan, apply, wait, read again.

``changed``, the diff and check mode all come from the plan, so that check mode can't disagree with the run.
"""

from __future__ import annotations

import dataclasses
import time
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError

Current = t.TypeVar("Current")


@dataclasses.dataclass(frozen=True)
class Change:
    """One step of a plan.

    ``action`` is a verb (create, update, delete, ...), ``resource`` names what it is done to, uniquely within the plan.
    ``before`` and ``after`` are what the diff shows: plain data without any secret. ``region`` says where it is done
    when a plan spans several.
    """

    action: str
    resource: str
    before: t.Any = None
    after: t.Any = None
    region: str | None = None


def describe(changes: t.Sequence[Change]) -> dict[str, t.Any]:
    """The part of a module's result that comes from its plan: ``changed``, ``changes`` and ``diff``."""
    return {
        "changed": bool(changes),
        "changes": [{"action": change.action, "resource": change.resource} for change in changes],
        "diff": {
            "before": {change.resource: change.before for change in changes},
            "after": {change.resource: change.after for change in changes},
        },
    }


def converge(
    *,
    check_mode: bool,
    read: t.Callable[[], Current],
    plan: t.Callable[[Current], list[Change]],
    apply: t.Callable[[list[Change], Current], None],
    timeout: float,
    interval: float = 2.0,
) -> tuple[list[Change], Current]:
    """Carry a plan out, and wait until what is read again needs no change.

    Returns the plan as it was made and the state read last; in check mode nothing is applied.
    Raises PlatformError where the plan made anew isn't empty after ``timeout`` seconds.
    """
    current = read()
    changes = plan(current)
    if check_mode or not changes:
        return changes, current
    apply(changes, current)
    deadline = time.monotonic() + timeout
    while True:
        current = read()
        left = plan(current)
        if not left:
            return changes, current
        if time.monotonic() >= deadline:
            names = ", ".join(f"{change.action} {change.resource}" for change in left)
            raise PlatformError(
                f"Applied {len(changes)} change(s), but after waiting {timeout:.0f} s AWS still reports as needed: {names}. "
                "Run again; raise O(wait_timeout) where AWS is slow."
            )
        time.sleep(interval)
