# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Run a module as read, plan, apply, wait, read again.

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
    """One change of a plan.

    ``action`` is a verb (create, update, delete, ...); ``kind`` and ``name`` identify what it is done to.
    ``before`` and ``after`` are what the diff shows: plain data without any secret. ``region`` says where it is done
    when a plan spans several. ``title`` is what results and messages show where ``<kind> <name>`` reads badly.
    ``data`` is what `apply` needs besides; it is never shown.
    """

    action: str
    kind: str
    name: str = ""
    before: t.Any = None
    after: t.Any = None
    region: str | None = None
    title: str = ""
    data: t.Any = dataclasses.field(default=None, repr=False, compare=False)

    @property
    def resource(self) -> str:
        """Name the resource in results and messages, uniquely within the plan. For people: nothing takes it apart."""
        return self.title or f"{self.kind} {self.name}".strip()


class Reconciler(t.Protocol[Current]):
    """Read the current state, plan the changes that it needs, and apply them."""

    def read(self) -> Current:
        """Read the current state."""

    def plan(self, current: Current) -> list[Change]:
        """Plan the changes that lead from the current state to the desired one. Raise PlatformError to refuse."""

    def apply(self, changes: list[Change]) -> None:
        """Apply the changes of a plan, and nothing else."""


def describe(changes: t.Sequence[Change]) -> dict[str, t.Any]:
    """Return the part of a module's result that comes from its plan: ``changed``, ``changes`` and ``diff``."""
    return {
        "changed": bool(changes),
        "changes": [{"action": change.action, "resource": change.resource} for change in changes],
        "diff": {
            "before": {change.resource: change.before for change in changes},
            "after": {change.resource: change.after for change in changes},
        },
    }


def converge(
    reconciler: Reconciler[Current], *, check_mode: bool, timeout: float, interval: float = 2.0
) -> tuple[list[Change], Current]:
    """Apply the plan of a reconciler, and wait until what is read again needs no change.

    Return the plan as it was made and the state read last; in check mode nothing is applied.
    Raise PlatformError where a new plan isn't empty after ``timeout`` seconds.
    """
    current = reconciler.read()
    changes = reconciler.plan(current)
    if check_mode or not changes:
        return changes, current
    reconciler.apply(changes)
    deadline = time.monotonic() + timeout
    while True:
        current = reconciler.read()
        left = reconciler.plan(current)
        if not left:
            return changes, current
        if time.monotonic() >= deadline:
            names = ", ".join(f"{change.action} {change.resource}" for change in left)
            raise PlatformError(
                f"Applied {len(changes)} change(s), but after waiting {timeout:.0f} s AWS still reports as needed: {names}. "
                "Fix: run again; raise O(wait_timeout) where AWS is slow."
            )
        time.sleep(interval)
