# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Find the permissions that the caller lacks: what to ask IAM's simulation, and what it means. No client here."""

from __future__ import annotations

import dataclasses
import re
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._answers import Answer
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_preflight.errors import (
    is_denied,
    message_of,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_preflight.findings import Problem, joined

_ASKING = "iam:SimulatePrincipalPolicy"
_REGION = "aws:RequestedRegion"
_ASSUMED = re.compile(r"arn:(?P<partition>[\w-]+):sts::(?P<account>\d+):assumed-role/(?P<role>[^/]+)/.+")


@dataclasses.dataclass(frozen=True)
class Question:
    """Actions that must be allowed on one of the resources each, in a context."""

    resources: tuple[str, ...]
    context: tuple[tuple[str, str, tuple[str, ...]], ...]
    actions: tuple[str, ...]

    def parameters(self, principal: str) -> dict[str, t.Any]:
        """Return the arguments of boto3's simulate_principal_policy."""
        return {
            "PolicySourceArn": principal,
            "ActionNames": list(self.actions),
            "ResourceArns": list(self.resources),
            "ContextEntries": [
                {"ContextKeyName": key, "ContextKeyType": kind, "ContextKeyValues": list(values)}
                for key, kind, values in self.context
            ],
        }


def questions(policies: t.Sequence[dict[str, t.Any]], region: str) -> list[Question]:
    """Return the questions that tell whether a caller may do in ``region`` what the policies allow, as few as possible."""
    asked: dict[tuple[t.Any, t.Any], list[str]] = {}
    for policy in policies:
        for statement in _allowing(policy):
            context = _context(statement.get("Condition", {}), region)
            # What a policy variable stands for, such as the name of a session, isn't known before the call.
            resources = tuple(_sample(arn, region) for arn in statement["Resource"] if "${" not in arn)
            if context is not None and resources:
                asked.setdefault((resources, context), []).extend(statement["Action"])
    return [Question(resources, context, tuple(actions)) for (resources, context), actions in asked.items()]


def _allowing(policy: dict[str, t.Any]) -> list[dict[str, t.Any]]:
    """Return the statements that give rights; what others refuse is nothing to be asked for."""
    return [statement for statement in policy["document"]["Statement"] if statement["Effect"] == "Allow"]


def _context(condition: dict[str, t.Any], region: str) -> tuple[tuple[str, str, tuple[str, ...]], ...] | None:
    """Return context entries that meet the condition; None where it can't be met in this region."""
    entries = []
    for operator, keys in condition.items():
        if operator == "Null":  # met by what is left out
            continue
        kind = "stringList" if operator.startswith("For") else "string"
        for key, values in keys.items():
            allowed = [values] if isinstance(values, str) else list(values)
            if key == _REGION and region not in allowed:
                return None
            entries.append((key, kind, (region if key == _REGION else allowed[0],)))
    return tuple(sorted(entries))


def _sample(arn: str, region: str) -> str:
    """Return a resource that a pattern matches."""
    if arn == "*":
        return arn
    head, service, place, rest = re.fullmatch(r"(arn:[^:]*):([^:]*):([^:]*):(.*)", arn).groups()
    return ":".join([head, service, region if place == "*" else place, rest.replace("*", "sample")])


def principal_of(caller: str, role_arn: t.Callable[[str], str | None]) -> str | None:
    """Return the user or role whose policies count for a caller; None for the account's root user, who has no policies.

    A session's ARN lacks the path of its role: ``role_arn(name)`` gives the role's ARN, or None where it can't be read.
    """
    session = _ASSUMED.fullmatch(caller)
    if session:
        plain = f"arn:{session['partition']}:iam::{session['account']}:role/{session['role']}"
        return role_arn(session["role"]) or plain
    return None if caller.endswith(":root") else caller


def missing(question: Question, results: t.Iterable[dict[str, t.Any]]) -> list[str]:
    """Return the actions that are allowed on none of the resources."""
    allowed = set()
    for result in results:
        decisions = [result["EvalDecision"]]
        decisions += [each["EvalResourceDecision"] for each in result.get("ResourceSpecificResults", [])]
        if "allowed" in decisions:
            allowed.add(result["EvalActionName"])
    return [action for action in question.actions if action not in allowed]


def rights_findings(answer: Answer, policies: t.Sequence[dict[str, t.Any]], enforced: bool) -> t.Iterator[Problem]:
    """Return the missing actions (in ``answer``), one problem a policy; where IAM couldn't be asked, a remark."""
    if not answer.good:
        reason = message_of(answer.error) if answer.error else ""
        yield Problem(
            f"permission {_ASKING}" if is_denied(answer.error) else "IAM",
            f"whether the credentials have all rights that a run needs is not known ({reason}).",
            f"Allow the operator's role {_ASKING}; without it a missing right is found when it is needed.",
            warning=True,
        )
        return
    for policy in policies:
        actions = {action for statement in _allowing(policy) for action in statement["Action"]}
        lacking = sorted(actions & set(answer.value))
        if lacking:
            yield Problem(
                f"operator policy {policy['name']}",
                f"the credentials lack {len(lacking)} of its rights: {joined(lacking)}.",
                "Attach the policy from docs/operator-policy.json (docs/operator.md says how). If they have these "
                "rights in a way that IAM's simulation doesn't see, set preflight_rights to warn.",
                warning=not enforced,
            )
