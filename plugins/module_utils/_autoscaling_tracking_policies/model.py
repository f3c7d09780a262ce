# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Compare the target tracking policies of a group with those wanted. Pure functions, no client."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import Finding
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change

Metric = dict[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Policy:
    """A policy that keeps its tracked metric at `target`. `metrics` are CloudWatch's metric data queries."""

    name: str
    target: float
    metrics: tuple[Metric, ...]
    scale_in: bool = True
    warm_up: int | None = None

    def configuration(self) -> dict[str, t.Any]:
        """Return the policy as PutScalingPolicy takes it."""
        return {
            "TargetValue": self.target,
            "DisableScaleIn": not self.scale_in,
            "CustomizedMetricSpecification": {"Metrics": list(self.metrics)},
        }

    def shown(self) -> dict[str, t.Any]:
        """Return the policy as results and the diff show it."""
        return {
            "name": self.name,
            "target_value": self.target,
            "scale_in": self.scale_in,
            "warm_up": self.warm_up,
            "metrics": list(self.metrics),
        }


def metric(entry: dict[str, t.Any]) -> Metric:
    """Make a metric data query of an entry of the module's options."""
    query: Metric = {"Id": entry["id"], "ReturnData": entry["tracked"]}
    if entry["label"]:
        query["Label"] = entry["label"]
    if entry["expression"]:
        return query | {"Expression": entry["expression"]}
    dimensions = [{"Name": name, "Value": str(value)} for name, value in sorted(entry["dimensions"].items())]
    named = {"Namespace": entry["namespace"], "MetricName": entry["metric_name"], "Dimensions": dimensions}
    return query | {"MetricStat": {"Metric": named, "Stat": entry["statistic"]}}


def check(policies: t.Sequence[Policy]) -> list[Finding]:
    """Check the options by themselves."""
    names = [policy.name for policy in policies]
    texts = [f"O(policies) names {name} twice." for name in sorted({name for name in names if names.count(name) > 1})]
    for policy in policies:
        tracked = [query["Id"] for query in policy.metrics if query["ReturnData"]]
        if len(tracked) != 1:
            texts.append(f"The policy {policy.name} has to track one of its metrics, and tracks {tracked or 'none'}.")
    return [Finding("wrong", "policies", text) for text in texts]


def plan(group: str, current: dict[str, Policy], wanted: t.Sequence[Policy], *, absent: bool) -> list[Change]:
    """Plan the changes from the policies that a group has to those wanted. Others of the group are left alone."""
    changes: list[Change] = []
    for policy in wanted:
        found = current.get(policy.name)
        before = found.shown() if found else None
        if absent and found:
            changes.append(_change("delete", group, policy, before))
        elif not absent and found != policy:
            action = "update" if found else "create"
            changes.append(_change(action, group, policy, before, policy.shown()))
    return changes


def _change(action: str, group: str, policy: Policy, before: t.Any, after: t.Any = None) -> Change:
    title = f"policy {policy.name} of {group}"
    return Change(action, "policy", policy.name, before, after, title=title, data=policy)
