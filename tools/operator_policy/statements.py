# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Build the statements that allow actions, each bounded as far as AWS can: by name, else by tag, else by region."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tools.operator_policy import reference
from tools.operator_policy.reference import Action, ResourceType
from tools.operator_policy.rules import Scopes

_REGION = {"aws:RequestedRegion": ["${regions}", "us-east-1"]}
_TAGS = {"platform": "${platform_name}", "environment": "${environment}"}


@dataclass(frozen=True)
class Bound:
    """How far a right reaches: `kind` and `resource` say on what, `extra` names the conditions beside that."""

    kind: str  # Read, Make (by the tags it is given), Own (by its name), Tagged, Open
    resource: str
    extra: str = ""


@dataclass
class Built:
    """Statements by policy and service, and what is to be said about them."""

    statements: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)


def build(names: Iterable[str], scopes: Scopes) -> Built:
    """Build the statements that allow the actions of these names."""
    built = Built()
    services: dict[str, list[Action]] = {}
    for name in sorted(names):
        action = reference.action(name)
        if action is None:
            raise SystemExit(f"AWS documents no action {name}: the emulator names it wrongly, or parliament is too old")
        services.setdefault(action.service, []).append(action)
    for service, actions in services.items():
        kinds = {kind.name for action in actions for kind in action.types if kind.required}
        groups: dict[tuple[str, str], dict[str, set[str]]] = {}
        for action in actions:
            for bound in _bounds(action, kinds, scopes, built.notes):
                group = groups.setdefault((bound.kind, bound.extra), {"actions": set(), "resources": set()})
                group["actions"].add(action.name)
                group["resources"].add(bound.resource)
        built.statements[scopes.policy_of(service), service] = [
            _statement(service, kind, groups[kind, extra], scopes, extra) for kind, extra in sorted(groups, key=_order)
        ]
        made = groups.get(("Make", ""), {"resources": set()})["resources"]
        built.statements[scopes.policy_of(service), service] += _tag_on_creation(service, actions, made)
    return built


def _order(group: tuple[str, str]) -> tuple[int, str]:
    return ["Read", "Make", "Own", "Tagged", "Open"].index(group[0]), group[1]


def _bounds(action: Action, kinds: set[str], scopes: Scopes, notes: dict[str, str]) -> Iterator[Bound]:
    """Yield the bounds of an action; `kinds` are those that the service's actions demand, the platform's kinds of resources."""
    further = scopes.further(action.name)
    extra = further.sid if further else ""
    also = scopes.also.get(action.name, [])
    used = [kind for kind in action.types if kind.required or kind.name in [*kinds, *scopes.names, *also]]
    found = [bound for kind in used for bound in _bound_of(kind, scopes)]
    if action.reads and (action.name in scopes.open or not any(bound.kind == "Own" for bound in found)):
        yield Bound("Read", "*", extra)
        return
    if not action.types:
        yield Bound("Make" if action.request_tags else "Open", "*", extra)
        if not action.request_tags:
            notes[action.name] = scopes.open.get(action.name, "AWS bounds it neither by resource nor by tag.")
        return
    if not found:
        required = [kind for kind in action.types if kind.required] or list(action.types)
        for kind in required:
            yield Bound("Open", kind.arn, extra)
            notes[action.name] = scopes.open.get(
                kind.name, f"No rule of data/scopes.yml bounds {kind.name}: any of the account's."
            )
        return
    for bound in found:
        yield Bound(bound.kind, bound.resource, extra)


def _bound_of(kind: ResourceType, scopes: Scopes) -> Iterator[Bound]:
    if kind.name in scopes.names:
        yield from (Bound("Own", pattern) for pattern in scopes.names[kind.name])
    elif kind.name not in scopes.open and kind.made:
        yield Bound("Make", kind.arn)
    elif kind.name not in scopes.open and kind.resource_tags:
        yield Bound("Tagged", kind.arn)


def _statement(service: str, kind: str, group: dict[str, set[str]], scopes: Scopes, extra: str) -> dict[str, Any]:
    conditions: dict[str, Any] = {}
    equals: dict[str, Any] = {}
    if service not in scopes.global_services:
        equals |= _REGION
    if kind == "Make":
        equals |= _requested()
    if kind == "Tagged":
        equals |= {f"aws:ResourceTag/{name}": value for name, value in _TAGS.items()}
    if equals:
        conditions["StringEquals"] = equals
    for entry in scopes.conditions:
        for operator, keys in entry.conditions.items() if entry.sid == extra else ():
            conditions[operator] = conditions.get(operator, {}) | keys
    statement = {
        "Sid": _sid(service, kind, extra),
        "Effect": "Allow",
        "Action": sorted(group["actions"]),
        "Resource": sorted(group["resources"]),
    }
    return statement | ({"Condition": conditions} if conditions else {})


def _requested() -> dict[str, str]:
    """Return the condition that a request gives the platform's tags."""
    return {f"aws:RequestTag/{name}": value for name, value in _TAGS.items()}


def _tag_on_creation(service: str, actions: list[Action], made: set[str]) -> Iterator[dict[str, Any]]:
    """Allow ec2:CreateTags on creation: the new resource has no tags yet by which the right could be bounded."""
    creates = sorted(action.name.partition(":")[2] for action in actions if f"{service}:CreateTags" in action.dependent)
    if creates:
        yield {
            "Sid": _sid(service, "TagOnCreation", ""),
            "Effect": "Allow",
            "Action": [f"{service}:CreateTags"],
            "Resource": sorted(made),
            "Condition": {"StringEquals": _REGION | _requested() | {f"{service}:CreateAction": creates}},
        }


def _sid(service: str, kind: str, extra: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in (service, kind, extra)).replace("-", "")
