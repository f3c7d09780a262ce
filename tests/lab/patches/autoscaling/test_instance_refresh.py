# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from tests.support.answers import error_code
from tests.support.groups import Group, make_group


def _refreshes(group: Group) -> list[dict]:
    return group.api().describe_instance_refreshes(AutoScalingGroupName=group.name)["InstanceRefreshes"]


def _finished(group: Group, started: dict) -> list[int]:
    """Return how many were in service at each request until the refresh ended."""
    sizes = []
    for _look in range(30):
        sizes.append(len(group.instances()))
        if _refreshes(group)[0]["Status"] not in ("Pending", "InProgress"):
            break
    first = _refreshes(group)[0]
    ended = (first["InstanceRefreshId"], first["Status"], first["PercentageComplete"], first["InstancesToUpdate"])
    return sizes if ended == (started["InstanceRefreshId"], "Successful", 100, 0) else []


def _versions(group: Group) -> set[str]:
    return {item["LaunchTemplate"]["Version"] for item in group.described()["Instances"]}


def aws_behaviour(clients) -> bool:
    """One by one, or with the new ones first; what matches is skipped; a cancelled one stops."""
    group = make_group(clients, "refreshed", "10.90", 3)
    scaling, name = group.api(), {"AutoScalingGroupName": group.name}
    first = group.instances()
    group.new_version(InstanceType="t3.small")
    one_by_one = {"MinHealthyPercentage": 100, "MaxHealthyPercentage": 100, "InstanceWarmup": 0}
    started = scaling.start_instance_refresh(**name, Preferences=one_by_one)
    if _refreshes(group)[0]["Status"] == "Successful":
        return False
    twice = error_code(scaling.start_instance_refresh, **name) == "InstanceRefreshInProgress"
    sizes = _finished(group, started)
    replaced = not set(first) & set(group.instances()) and _versions(group) == {"2"} and min(sizes, default=0) >= 2
    second = group.instances()
    skipping = scaling.start_instance_refresh(**name, Preferences=one_by_one | {"SkipMatching": True})
    skipped = _finished(group, skipping) and group.instances() == second
    group.new_version(InstanceType="t3.medium")
    launch_first = {"MinHealthyPercentage": 100, "MaxHealthyPercentage": 134, "InstanceWarmup": 0}
    wanted = {"LaunchTemplate": {"LaunchTemplateName": group.name, "Version": "3"}}
    started = scaling.start_instance_refresh(**name, Preferences=launch_first, DesiredConfiguration=wanted)
    sizes = _finished(group, started)
    never_fewer = min(sizes, default=0) >= 3 and len(group.instances()) == 3 and _versions(group) == {"3"}
    kept = group.described()["LaunchTemplate"]["Version"] == "3"
    scaling.start_instance_refresh(**name, Preferences=one_by_one)
    cancelled = scaling.cancel_instance_refresh(**name)
    group.described()
    stopped = [
        item["Status"] for item in _refreshes(group) if item["InstanceRefreshId"] == cancelled["InstanceRefreshId"]
    ]
    group.delete()
    return twice and replaced and skipped and never_fewer and kept and stopped == ["Cancelled"]


def test_auto_scaling_instance_refresh(patched_only):
    patched_only("autoscaling.instance_refresh", aws_behaviour)
