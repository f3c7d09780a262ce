# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Compare what was announced with what was seen to happen."""

from __future__ import annotations


def _is_missing(answer: dict) -> bool:
    """An error, no item, or no alias."""
    return not answer or "error" in answer or answer.get("Aliases") == []


def _action(before: dict, after: dict) -> str:
    if _is_missing(before):
        return "create"
    on_its_way_out = after.get("KeyMetadata", {}).get("KeyState") == "PendingDeletion"
    return "delete" if _is_missing(after) or on_its_way_out else "update"


def observed_changes(before: list[dict], after: list[dict], names: list[str]) -> list[dict]:
    """What changed between two readings with the same calls, as the plan should have announced it.

    `names` says what each call is about; several calls may be about the same thing.
    """
    actions: dict[str, str] = {}
    for name, was, became in zip(names, before, after, strict=True):
        if was != became:
            actions.setdefault(name, _action(was, became))
    return [{"action": action, "resource": name} for name, action in sorted(actions.items())]


class FilterModule:
    def filters(self):
        return {"observed_changes": observed_changes}
