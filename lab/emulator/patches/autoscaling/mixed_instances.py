# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A group with a mixed instances policy launches spot and on-demand instances as its policy distributes them.

Types are taken in their order on demand and where the strategy is a prioritized one, else they are spread over all. The
emulator drops the policy. Weights and attribute-based types are refused.
https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-mixed-instances-groups.html
"""

from __future__ import annotations

import ministack.services.autoscaling as scaling
import ministack.services.ec2 as ec2

from lab.emulator.autoscaling import launches
from lab.emulator.autoscaling.mixed import Distribution, next_is_spot, next_type
from lab.emulator.autoscaling.requests import settled

_DEFAULTS = {
    "OnDemandAllocationStrategy": "lowest-price",
    "OnDemandBaseCapacity": 0,
    "OnDemandPercentageAboveBaseCapacity": 100,
    "SpotAllocationStrategy": "lowest-price",
}
_IN_ORDER = ("prioritized", "capacity-optimized-prioritized")


def _policy(params: dict) -> dict:
    """Return the policy of a request, whole; empty where it has none."""
    given = scaling._parse_nested(params, "MixedInstancesPolicy")
    if not given:
        return {}
    template = given.get("LaunchTemplate", {})
    named = launches.found_template(template.get("LaunchTemplateSpecification", {}))
    distribution = _DEFAULTS | given.get("InstancesDistribution", {})
    for name in ("OnDemandBaseCapacity", "OnDemandPercentageAboveBaseCapacity"):
        distribution[name] = int(distribution[name])
    overrides = template.get("Overrides", [])
    return {
        "LaunchTemplate": {"LaunchTemplateSpecification": named, "Overrides": overrides},
        "InstancesDistribution": distribution,
    }


def _problem(policy: dict) -> tuple | None:
    if not policy:
        return None
    if policy["LaunchTemplate"]["LaunchTemplateSpecification"] is None:
        message = "You must use a valid fully-formed launch template. The specified launch template does not exist"
        return scaling._error("ValidationError", message)
    strange = {name for override in policy["LaunchTemplate"]["Overrides"] for name in override} - {"InstanceType"}
    if strange:
        return scaling._error("ValidationError", f"The lab knows no {', '.join(sorted(strange))} of overrides")
    return None


def _settle(group: dict, params: dict) -> None:
    policy = _policy(params)
    if policy:
        group |= {"MixedInstancesPolicy": policy, "LaunchTemplate": {}}
    elif scaling._parse_nested(params, "LaunchTemplate"):
        group.pop("MixedInstancesPolicy", None)


def _specification(group: dict) -> tuple[dict, dict]:
    policy = group["MixedInstancesPolicy"]
    distribution = policy["InstancesDistribution"]
    living = [ec2._instances.get(item["InstanceId"]) for item in group["Instances"] if not item.get("_leaving")]
    kinds = [bool(instance and instance.get("InstanceLifecycle") == "spot") for instance in living]
    wanted = Distribution(distribution["OnDemandBaseCapacity"], distribution["OnDemandPercentageAboveBaseCapacity"])
    spot = next_is_spot(wanted, kinds.count(False), kinds.count(True))
    strategy = distribution["SpotAllocationStrategy" if spot else "OnDemandAllocationStrategy"]
    types = [override["InstanceType"] for override in policy["LaunchTemplate"]["Overrides"]]
    params = {"InstanceMarketOptions.MarketType": "spot"} if spot else {}
    if types:
        of_kind = [item["InstanceType"] for item, kind in zip(living, kinds, strict=True) if item and kind == spot]
        params["InstanceType"] = next_type(types, of_kind, spread=spot and strategy not in _IN_ORDER)
    return policy["LaunchTemplate"]["LaunchTemplateSpecification"], params


def _checked(action):
    def check(params: dict) -> tuple:
        return _problem(_policy(params)) or action(params)

    return check


def apply() -> None:
    plain, render = launches.specification, scaling._instance_member_xml

    def specification(group: dict) -> tuple[dict, dict]:
        return _specification(group) if group.get("MixedInstancesPolicy") else plain(group)

    def with_type(item: dict, include_group_name: str = "") -> str:
        kind = f"<InstanceType>{item['InstanceType']}</InstanceType>" if item.get("InstanceType") else ""
        return render(item, include_group_name).removesuffix("</member>") + f"{kind}</member>"

    launches.specification, scaling._instance_member_xml = specification, with_type
    settled.append(_settle)
    for name in ("CreateAutoScalingGroup", "UpdateAutoScalingGroup"):
        scaling._ACTION_MAP[name] = _checked(scaling._ACTION_MAP[name])
