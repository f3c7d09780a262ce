# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""SimulatePrincipalPolicy and SimulateCustomPolicy judge each action on each resource, in the context that the request gives.

On AWS a simulation knows only the condition keys that ContextEntries names, asks about every one of ResourceArns, and minds the
principal's permissions boundary. The emulator knows no context entries, evaluates the first resource alone, and no boundary.
https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from xml.sax.saxutils import escape

import ministack.services.iam as iam
from ministack.core import iam_evaluator

_DECISIONS = {"Allow": "allowed", "Deny": "explicitDeny", "ImplicitDeny": "implicitDeny"}


@dataclass(frozen=True)
class _Asked:
    """What a simulation is about beside its actions; stands where the emulator has the one resource."""

    resources: list[str]
    context: dict[str, list[str]]


def _members(p, name: str) -> Iterator[str]:
    number = 1
    while value := iam._p(p, f"{name}.member.{number}"):
        yield value
        number += 1


def _context(p) -> dict[str, list[str]]:
    context, number = {}, 1
    while key := iam._p(p, f"ContextEntries.member.{number}.ContextKeyName"):
        context[key.lower()] = list(_members(p, f"ContextEntries.member.{number}.ContextKeyValues"))
        number += 1
    return context


def _asked(p) -> tuple[list[str], _Asked]:
    return list(_members(p, "ActionNames")), _Asked(list(_members(p, "ResourceArns")) or ["*"], _context(p))


def _limits(principal_arn: str, account_id: str) -> list:
    kind, _, name = principal_arn.split(":", 5)[5].partition("/")
    store = {"user": iam._users, "role": iam._roles}.get(kind)
    return iam_evaluator._permissions_boundary(store, name.rpartition("/")[2], account_id) if store is not None else []


def _results(actions, asked, principal_arn, account_id, policies) -> str:
    limits = _limits(principal_arn, account_id)
    members = ""
    for action in actions:
        for resource in asked.resources:
            values = {key: found[0] if len(found) == 1 else found for key, found in asked.context.items()}
            context = iam_evaluator.EvalContext(
                principal_arn=principal_arn,
                principal_type="User",
                principal_account=account_id,
                action=action,
                resource_arn=resource,
                region=values.get("aws:requestedregion"),
                source_ip=values.get("aws:sourceip"),
                secure_transport=values.get("aws:securetransport", ""),
                service_context=values,
            )
            decision = _DECISIONS[iam_evaluator.evaluate(context, policies, *limits).decision]
            members += (
                f"<member><EvalActionName>{escape(action)}</EvalActionName><EvalResourceName>{escape(resource)}"
                f"</EvalResourceName><EvalDecision>{decision}</EvalDecision><MatchedStatements/><MissingContextValues/></member>"
            )
    return members


def apply() -> None:
    iam._extract_simulate_params = _asked
    iam._build_simulate_results_real = _results
