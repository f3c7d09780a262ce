# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Judge whether calls of published escalation paths are allowed: by the lab's own evaluator of policies, without a lab."""

from __future__ import annotations

import importlib.util
import sys
import types
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path as File
from typing import Any

import yaml

from lab.settings import CHECKOUT

ACCOUNT = "111122223333"
_HERE = File(__file__).parent
_DATA = yaml.safe_load((_HERE / "paths.yml").read_text())
_TARGETS = yaml.safe_load((_HERE / "targets.yml").read_text())["targets"]
# Whoever calls chooses the tags of a request, and the region.
_REQUESTED = {"aws:RequestTag/platform": "kc", "aws:RequestTag/environment": "prod"}
_REGIONS = ("me-west-1", "us-east-1")

Policy = dict[str, Any]


def _evaluator() -> types.ModuleType:
    """Import the emulator's evaluator, and nothing else of the emulator: it stands in an environment of its own."""
    name = "ministack_iam_evaluator"
    if name not in sys.modules:
        (file,) = (CHECKOUT / ".build" / "ministack").glob("lib/python3*/site-packages/ministack/core/iam_evaluator.py")
        spec = importlib.util.spec_from_file_location(name, file)
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


@dataclass(frozen=True)
class Principal:
    """Somebody with policies, and what limits them."""

    arn: str
    policies: Sequence[Policy]
    boundary: Policy | None = None

    def may(self, action: str, resource: str, context: dict[str, str], region: str) -> bool:
        """Return whether the policies allow an action, the boundary too, and neither denies it."""
        evaluator = _evaluator()
        request = evaluator.EvalContext(
            principal_arn=self.arn,
            principal_type="Role",
            principal_account=ACCOUNT,
            action=action,
            resource_arn=resource,
            region=region,
            source_ip="192.0.2.1",
            secure_transport=True,
            service_context={key.lower(): value for key, value in context.items()},
        )
        policies = [evaluator.parse_policy_document(policy) for policy in self.policies]
        limits = [[evaluator.parse_policy_document(self.boundary)]] if self.boundary else []
        return evaluator.evaluate(request, policies, *limits).decision == "Allow"


@dataclass(frozen=True)
class Call:
    """One call of a path, on a kind of resource."""

    action: str
    kind: str
    contexts: tuple[dict[str, str], ...]

    def possible(self, principals: Sequence[Principal]) -> bool:
        """Return whether one of the principals may make it, on one of the resources, in one of the contexts."""
        return any(
            principal.may(self.action, target["resource"], _REQUESTED | target.get("context", {}) | context, region)
            for principal in principals
            for target in _TARGETS[self.kind]
            for context in self.contexts
            for region in _REGIONS
        )


@dataclass(frozen=True)
class Path:
    """A published way from some rights to more."""

    name: str
    source: str
    calls: tuple[Call, ...] = field(default_factory=tuple)

    def open_to(self, principals: Sequence[Principal]) -> bool:
        """Return whether all of its calls are possible, each for one of the principals."""
        return all(call.possible(principals) for call in self.calls)


def paths() -> Iterator[Path]:
    """Yield the paths of paths.yml."""
    for entry in _DATA["paths"]:
        yield Path(entry["name"], entry["source"], tuple(map(_call, entry["calls"])))


def _call(entry: dict[str, Any]) -> Call:
    contexts = entry.get("contexts", [{}])
    if "to" in entry:
        contexts = [context | {"iam:PassedToService": entry["to"]} for context in contexts]
    return Call(entry["action"], entry["target"], tuple(contexts))
