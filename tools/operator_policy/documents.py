# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Assemble statements into policies that AWS takes: a managed policy has at most 6,144 characters without white space.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

from __future__ import annotations

import json
import re
from typing import Any

from tools.operator_policy import boundary, reference, statements
from tools.operator_policy.record import Recorded
from tools.operator_policy.rules import Completions, Scopes

LIMIT = 6144
# What the longest values take: names are checked by preflight, regions are at most 14 characters.
_LONGEST = {"platform_name": 20, "environment": 12, "account_id": 12, "domain": 60, "regions": 2 * 14 + 3}


def size(document: dict[str, Any]) -> int:
    """Count the characters as AWS does once the placeholders are filled in, at their longest."""
    text = json.dumps(document, separators=(",", ":"))
    return len(re.sub(r"\$\{(\w+)\}", lambda found: "x" * _LONGEST[found[1]], text))


def assemble(recorded: Recorded, scopes: Scopes, completions: Completions) -> dict[str, Any]:
    """Return the content of docs/operator-policy.json."""
    _refuse_unknown_calls(recorded, completions)
    completions = completions.needed_by(recorded.actions)
    added = {action for entry in completions.actions for action in entry["actions"]}
    wanted = (recorded.actions | added) - completions.without()
    _refuse_open_dependencies(wanted, completions)
    built = statements.build(wanted - completions.stated_whole(), scopes)
    by_policy: dict[str, list[dict[str, Any]]] = {name: [] for name in scopes.policies}
    for policy, services in scopes.policies.items():
        ordered = sorted(built.statements, key=lambda at: services.index(at[1]) if at[1] in services else len(services))
        for at in ordered:
            if at[0] == policy:
                by_policy[policy] += built.statements[at]
        by_policy[policy] += [_stated(entry, "Allow") for entry in completions.statements if entry["policy"] == policy]
        by_policy[policy] += [_stated(entry, "Deny") for entry in completions.denials if entry["policy"] == policy]
    policies = [part for name, group in by_policy.items() for part in _parts(name, group)]
    return {
        "about": "Rights of those who run site.yml and destroy.yml; docs/operator.md says how to use them. "
        "Made by `make operator-policy`: edit tools/operator_policy/data, not this file.",
        "placeholders": {
            "account_id": "platform_account_id",
            "platform_name": "platform_name",
            "environment": "platform_environment",
            "domain": "platform_domain",
            "regions": "the names in platform_regions, each as a string of its own",
        },
        "policies": policies,
        "boundary": boundary.document(),
        "denials": [{key: entry[key] for key in ("sid", "reason", "documentation")} for entry in completions.denials],
        "completions": [
            {"granted": entry not in completions.left_out}
            | {key: entry[key] for key in ("actions", "reason", "documentation")}
            for entry in [*completions.actions, *completions.statements, *completions.left_out]
        ],
        "notes": dict(sorted(built.notes.items())),
    }


def _refuse_unknown_calls(recorded: Recorded, completions: Completions) -> None:
    unknown = sorted(recorded.unchecked - completions.calls())
    if unknown:
        raise SystemExit(
            f"The emulator doesn't check the rights of {', '.join(unknown)}: name the actions in "
            "tools/operator_policy/data/completions.yml (actions, with `call`)."
        )


def _refuse_open_dependencies(wanted: set[str], completions: Completions) -> None:
    """Refuse an action whose dependent actions are neither allowed nor left out with a reason."""
    for name in sorted(wanted):
        action = reference.action(name)
        settled = wanted | completions.settled()
        if action and not settled.issuperset(action.dependent):
            raise SystemExit(
                f"Who uses {name} also needs {', '.join(sorted(set(action.dependent) - settled))}, AWS says: add them to "
                "tools/operator_policy/data/completions.yml, or leave them out there with a reason."
            )


def _stated(entry: dict[str, Any], effect: str) -> dict[str, Any]:
    statement = {"Sid": entry["sid"], "Effect": effect, "Action": entry["actions"], "Resource": entry["resources"]}
    return statement | ({"Condition": entry["conditions"]} if "conditions" in entry else {})


def _parts(name: str, group: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Split the statements into as few documents as hold them, in their order."""
    documents: list[dict[str, Any]] = []
    for statement in group:
        grown = {"Version": "2012-10-17", "Statement": [*documents[-1]["Statement"], statement]} if documents else None
        if grown and size(grown) <= LIMIT:
            documents[-1] = grown
        else:
            documents.append({"Version": "2012-10-17", "Statement": [statement]})
        if size(documents[-1]) > LIMIT:
            raise SystemExit(f"The statement {statement['Sid']} alone is larger than a managed policy may be.")
    several = len(documents) > 1
    return [
        {
            "name": f"${{platform_name}}-${{environment}}-operator-{name}" + f"-{number}" * several,
            "path": boundary.PATH,
            "document": document,
        }
        for number, document in enumerate(documents, start=1)
    ]
