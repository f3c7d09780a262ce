# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read and write the target tracking policies of one Auto Scaling group; the client is passed in."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._autoscaling_tracking_policies.model import (
    Metric,
    Policy,
    plan,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError, doing
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change

_KIND = "TargetTrackingScaling"


class PolicyReconciler:
    """Reconcile the policies of one group with those wanted."""

    def __init__(self, client: t.Any, region: str, group: str, wanted: t.Sequence[Policy], *, absent: bool = False):
        self._client = client
        self._region = region
        self._group = group
        self._wanted = wanted
        self._absent = absent

    def _exists(self) -> bool:
        with doing(f"read the Auto Scaling group {self._group} in {self._region}"):
            found = self._client.describe_auto_scaling_groups(AutoScalingGroupNames=[self._group])
        return bool(found["AutoScalingGroups"])

    def read(self) -> dict[str, Policy]:
        """Read the group's target tracking policies, by name."""
        if not self._exists():
            return {}
        with doing(f"read the scaling policies of {self._group} in {self._region}"):
            pages = self._client.get_paginator("describe_policies").paginate(AutoScalingGroupName=self._group)
            found = [item for page in pages for item in page["ScalingPolicies"] if item["PolicyType"] == _KIND]
        return {item["PolicyName"]: _policy(item) for item in found}

    def plan(self, current: dict[str, Policy]) -> list[Change]:
        """Plan the changes of the wanted policies."""
        return plan(self._group, current, self._wanted, absent=self._absent)

    def apply(self, changes: list[Change]) -> None:
        """Put and delete the policies that the changes name."""
        if not self._exists():
            raise PlatformError(
                f"There is no Auto Scaling group {self._group} in {self._region} to give a policy to. Create it first. "
                "Nothing was changed."
            )
        for change in changes:
            with doing(f"{change.action} the {change.resource} in {self._region}"):
                self._delete(change.data) if change.action == "delete" else self._put(change.data)

    def _delete(self, policy: Policy) -> None:
        self._client.delete_policy(AutoScalingGroupName=self._group, PolicyName=policy.name)

    def _put(self, policy: Policy) -> None:
        warm_up = {} if policy.warm_up is None else {"EstimatedInstanceWarmup": policy.warm_up}
        self._client.put_scaling_policy(
            AutoScalingGroupName=self._group,
            PolicyName=policy.name,
            PolicyType=_KIND,
            TargetTrackingConfiguration=policy.configuration(),
            **warm_up,
        )


def _policy(item: dict[str, t.Any]) -> Policy:
    tracking = item["TargetTrackingConfiguration"]
    queries = tracking.get("CustomizedMetricSpecification", {}).get("Metrics", [])
    return Policy(
        name=item["PolicyName"],
        target=float(tracking["TargetValue"]),
        metrics=tuple(_query(query) for query in queries),
        scale_in=not tracking.get("DisableScaleIn", False),
        warm_up=item.get("EstimatedInstanceWarmup"),
    )


def _query(query: Metric) -> Metric:
    """Return a query as options make it: with AWS's defaults, and dimensions in their order."""
    kept = {name: query[name] for name in ("Id", "Label", "Expression") if query.get(name)}
    kept["ReturnData"] = query.get("ReturnData", True)
    if stat := query.get("MetricStat"):
        named = stat["Metric"]
        dimensions = sorted(named.get("Dimensions", []), key=lambda dimension: dimension["Name"])
        kept["MetricStat"] = {"Metric": named | {"Dimensions": dimensions}, "Stat": stat["Stat"]}
    return kept
