# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Compare what a run needed with what docs/operator-policy.json gives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tools.operator_policy.record import Recorded
from tools.operator_policy.rules import Completions

_FIX = "Run `make operator-policy`, look at what it changed, and commit it."


def actions_of(policy: dict[str, Any]) -> set[str]:
    """Return every action that the policies allow."""
    statements = [statement for entry in policy["policies"] for statement in entry["document"]["Statement"]]
    return {action for statement in statements if statement["Effect"] == "Allow" for action in statement["Action"]}


def differences(policy: dict[str, Any], recorded: Recorded, completions: Completions) -> Iterator[str]:
    """Yield what makes the policy stale, one sentence each."""
    given = actions_of(policy)
    missing = sorted(recorded.actions - given - completions.without())
    if missing:
        yield f"The playbooks need {', '.join(missing)}, which docs/operator-policy.json does not give. {_FIX}"
    unchecked = sorted(recorded.unchecked - completions.calls())
    if unchecked:
        yield f"Nothing is said about {', '.join(unchecked)}, whose rights the emulator doesn't check. {_FIX}"
    surplus = sorted(given - recorded.actions - completions.needed_by(recorded.actions).granted())
    if surplus:
        yield f"docs/operator-policy.json gives {', '.join(surplus)}, which no run needs. {_FIX}"
