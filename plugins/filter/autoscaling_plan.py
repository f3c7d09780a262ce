# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The filter `autoscaling_plan`; autoscaling_plan.yml documents it."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError

_PLAIN = (
    *("min_size", "max_size", "desired_capacity", "health_check_type", "health_check_grace_period"),
    "max_instance_lifetime",
)
_LEAVING = ("Terminating", "Terminated", "Detach")


def autoscaling_plan(wanted: dict[str, t.Any], found: list[dict[str, t.Any]]) -> dict[str, t.Any]:
    """Compare a group as M(amazon.aws.autoscaling_group_info) returns it with the one that is wanted."""
    if len(found) > 1:
        names = ", ".join(group["auto_scaling_group_name"] for group in found)
        raise AnsibleFilterError(f"autoscaling_plan wants one group or none, got {len(found)}: {names}")
    if not found:
        return {"create": True, "differences": {}, "outdated_instances": []}
    group = found[0]
    desired = {name: _NORMAL.get(name, _same)(value) for name, value in wanted.items()}
    current = {name: value for name, value in _settings(group, desired).items() if name in desired}
    differences = {
        name: {"before": current[name], "after": desired[name]} for name in current if current[name] != desired[name]
    }
    outdated = [
        instance["instance_id"]
        for instance in group.get("instances", [])
        if str((instance.get("launch_template") or {}).get("version")) != desired["template_version"]
        and not instance["lifecycle_state"].startswith(_LEAVING)
    ]
    return {"create": False, "differences": differences, "outdated_instances": outdated}


def _settings(group: dict[str, t.Any], desired: dict[str, t.Any]) -> dict[str, t.Any]:
    """Return the group's settings under the names of those wanted."""
    mixed = group.get("mixed_instances_policy") or {}
    template = mixed.get("launch_template") or {"launch_template_specification": group.get("launch_template")}
    distribution = mixed.get("instances_distribution") or {}
    return {name: group.get(name) for name in _PLAIN} | {
        "subnets": sorted(filter(None, group.get("vpc_zone_identifier", "").split(","))),
        "template_version": str((template.get("launch_template_specification") or {}).get("version", "")),
        "tags": {tag["key"]: tag["value"] for tag in group.get("tags", [])},
        "target_groups": sorted(group.get("target_group_arns") or []),
        "metrics": sorted(metric["metric"] for metric in group.get("enabled_metrics") or []),
        "instance_types": [override.get("instance_type") for override in template.get("overrides") or []],
        # AWS returns all settings, also its own defaults.
        "distribution": {name: distribution.get(name) for name in desired.get("distribution", {})},
    }


def _same(value: t.Any) -> t.Any:
    return value


_NORMAL: dict[str, t.Callable[[t.Any], t.Any]] = {
    "subnets": sorted,
    "target_groups": sorted,
    "metrics": sorted,
    "template_version": str,
}


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable]:
        return {"autoscaling_plan": autoscaling_plan}
