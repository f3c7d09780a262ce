# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The filter `autoscaling_plan`; its documentation stands in autoscaling_plan.yml."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError

_PLAIN = ("min_size", "max_size", "desired_capacity", "health_check_type")
_LEAVING = ("Terminating", "Terminated", "Detach")


def autoscaling_plan(wanted: dict[str, t.Any], found: list[dict[str, t.Any]]) -> dict[str, t.Any]:
    """What turns the group that was found, as M(amazon.aws.autoscaling_group_info) shows it, into the one that is wanted."""
    if len(found) > 1:
        names = ", ".join(group["auto_scaling_group_name"] for group in found)
        raise AnsibleFilterError(f"autoscaling_plan wants one group or none, got {len(found)}: {names}")
    if not found:
        return {"create": True, "differences": {}, "outdated_instances": []}
    group = found[0]
    current = {name: group[name] for name in _PLAIN}
    current["subnets"] = sorted(filter(None, group.get("vpc_zone_identifier", "").split(",")))
    current["template_version"] = str(_template(group).get("version", ""))
    current["tags"] = {tag["key"]: tag["value"] for tag in group.get("tags", [])}
    desired = dict(wanted, subnets=sorted(wanted["subnets"]), template_version=str(wanted["template_version"]))
    differences = {
        name: {"before": current[name], "after": desired[name]} for name in current if current[name] != desired[name]
    }
    outdated = [
        instance["instance_id"]
        for instance in group.get("instances", [])
        if str(_template(instance).get("version")) != desired["template_version"]
        and not instance["lifecycle_state"].startswith(_LEAVING)
    ]
    return {"create": False, "differences": differences, "outdated_instances": outdated}


def _template(holder: dict[str, t.Any]) -> dict[str, t.Any]:
    return holder.get("launch_template") or {}


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable]:
        return {"autoscaling_plan": autoscaling_plan}
