# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read this project's own rules: how actions are bounded, and what is added to the recorded ones (data/*.yml)."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

_DATA = Path(__file__).parent / "data"
_PREFIX = "${platform_name}-${environment}"


@dataclass(frozen=True)
class Further:
    """Conditions that some actions get beside their scope, in a statement of their own."""

    sid: str
    actions: frozenset[str]
    conditions: dict[str, Any]


@dataclass(frozen=True)
class Scopes:
    """How actions are bounded (data/scopes.yml)."""

    policies: dict[str, list[str]]
    global_services: frozenset[str]
    names: dict[str, list[str]]
    also: dict[str, list[str]]
    conditions: list[Further]
    open: dict[str, str]

    def policy_of(self, service: str) -> str:
        """Return the policy that holds a service's statements."""
        return next((name for name, services in self.policies.items() if service in services), list(self.policies)[-1])

    def further(self, action: str) -> Further | None:
        """Return the conditions that an action gets beside its scope."""
        return next((entry for entry in self.conditions if action in entry.actions), None)


@dataclass(frozen=True)
class Completions:
    """What is added to the recorded actions (data/completions.yml), and what is refused whatever allows it (data/denials.yml)."""

    actions: list[dict[str, Any]]
    statements: list[dict[str, Any]]
    left_out: list[dict[str, Any]]
    denials: list[dict[str, Any]] = field(default_factory=list)

    def needed_by(self, recorded: frozenset[str]) -> Completions:
        """Select the entries that apply to the recorded actions: one may apply only `with` some of them."""

        def counts(entry: dict[str, Any]) -> bool:
            return not entry.get("with") or not recorded.isdisjoint(entry["with"])

        return Completions(
            actions=[entry for entry in self.actions if counts(entry)],
            statements=[entry for entry in self.statements if counts(entry)],
            left_out=self.left_out,
            denials=self.denials,
        )

    def calls(self) -> set[str]:
        """Return the unchecked calls that are provided for."""
        return {entry["call"] for entry in self.actions if "call" in entry}

    def granted(self) -> set[str]:
        """Return the actions that are added."""
        return {action for entry in [*self.actions, *self.statements] for action in entry["actions"]}

    def settled(self) -> set[str]:
        """Return the actions that are either added or left out."""
        return self.granted() | self.without()

    def without(self) -> set[str]:
        """Return the actions that are left out."""
        return {action for entry in self.left_out for action in entry["actions"]}

    def stated_whole(self) -> set[str]:
        """Return the actions that stand in a statement of their own, and nowhere else."""
        return {action for entry in self.statements if entry.get("whole") for action in entry["actions"]}


def scopes() -> Scopes:
    data = _read("scopes.yml")
    return Scopes(
        policies=data["policies"],
        global_services=frozenset(data["global"]),
        names=data["names"],
        also=data["also"],
        conditions=[
            Further(entry["sid"], frozenset(entry["actions"]), entry["conditions"]) for entry in data["conditions"]
        ],
        open=data["open"],
    )


def completions() -> Completions:
    return Completions(**_read("completions.yml"), denials=_read("denials.yml")["denials"])


def _read(name: str) -> dict[str, Any]:
    return yaml.safe_load((_DATA / name).read_text().replace("${prefix}", _PREFIX))
