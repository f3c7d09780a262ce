# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""An instance refresh replaces a group's instances, as many at a time as its preferences allow.

New ones come from the group's launch template, or from the desired configuration, which the group keeps if it succeeds.
Percentages, warm-up, SkipMatching and ScaleInProtectedInstances are heeded; checkpoints, bake time, rollback, and a desired
configuration of mixed instances are refused.
The emulator says of every refresh that it succeeded at once.
https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-instance-refresh.html
"""

from __future__ import annotations

import time

import ministack.services.autoscaling as scaling
from ministack.core.responses import new_uuid, now_iso

from lab.emulator.autoscaling import converge, launches, members
from lab.emulator.autoscaling.refresh import Limits, Replaceable, step
from lab.emulator.autoscaling.requests import looking, on_group

_ACTIVE = ("Pending", "InProgress", "Cancelling")
_CAUSE = "an instance was taken out of service in response to an instance refresh"
_REFUSED = ("CheckpointPercentages.member.1", "CheckpointDelay", "BakeTime", "AutoRollback")


def _active(group: dict) -> dict | None:
    return next((item for item in group.get("InstanceRefreshes", []) if item["Status"] in _ACTIVE), None)


def _preferences(group: dict, params: dict) -> dict:
    given = scaling._parse_nested(params, "Preferences")
    warm_up = group.get("DefaultInstanceWarmup", group["HealthCheckGracePeriod"])
    return {
        "MinHealthyPercentage": int(given.get("MinHealthyPercentage") or 90),
        "MaxHealthyPercentage": int(given.get("MaxHealthyPercentage") or 100),
        "InstanceWarmup": int(given.get("InstanceWarmup") or warm_up),
        "SkipMatching": given.get("SkipMatching") == "true",
        "ScaleInProtectedInstances": given.get("ScaleInProtectedInstances") or "Wait",
        "StandbyInstances": given.get("StandbyInstances") or "Wait",
    }


def _problem(group: dict, params: dict, preferences: dict) -> tuple | None:
    if _active(group):
        message = "An Instance Refresh is already in progress and blocks the execution of this Instance Refresh."
        return scaling._error("InstanceRefreshInProgress", message)
    unknown = [name for name in _REFUSED if scaling._p(params, f"Preferences.{name}") not in ("", "false", "0")]
    wanted = scaling._parse_nested(params, "DesiredConfiguration")
    if "MixedInstancesPolicy" in wanted or (wanted and group.get("MixedInstancesPolicy")):
        unknown.append("a desired configuration of mixed instances")
    if unknown:
        return scaling._error("ValidationError", f"The lab can't refresh that way: {', '.join(unknown)}")
    least, most = preferences["MinHealthyPercentage"], preferences["MaxHealthyPercentage"]
    if not (0 <= least <= 100 <= most <= 200 and most - least <= 100):
        message = "MinHealthyPercentage must be 0 to 100, MaxHealthyPercentage 100 to 200, at most 100 apart"
        return scaling._error("ValidationError", message)
    return None


def _start(group: dict, params: dict) -> tuple:
    preferences = _preferences(group, params)
    if problem := _problem(group, params, preferences):
        return problem
    wanted = scaling._parse_nested(params, "DesiredConfiguration").get("LaunchTemplate")
    if wanted:
        known = launches.found_template(wanted)
        if known is None:
            return scaling._error("ValidationError", "The specified launch template does not exist")
        group["_next_template"] = known
    refresh = {
        "InstanceRefreshId": new_uuid(),
        "AutoScalingGroupName": group["AutoScalingGroupName"],
        "Status": "Pending",
        "StartTime": now_iso(),
        "PercentageComplete": 0,
        "InstancesToUpdate": len(group["Instances"]),
        "Preferences": preferences,
        "_started": time.time(),
    }
    group["InstanceRefreshes"] = [refresh, *group.get("InstanceRefreshes", [])]
    return _answer("StartInstanceRefresh", refresh)


def _outdated(group: dict, item: dict, refresh: dict) -> bool:
    preferences = refresh["Preferences"]
    if item["_launched_at"] >= refresh["_started"]:
        return False
    if item["ProtectedFromScaleIn"] and preferences["ScaleInProtectedInstances"] == "Ignore":
        return False
    template, _more = launches.specification(group)
    return not (preferences["SkipMatching"] and item["LaunchTemplate"] == launches.resolved(template))


def _replaceable(group: dict, item: dict, refresh: dict) -> Replaceable:
    preferences = refresh["Preferences"]
    outdated = _outdated(group, item, refresh)
    return Replaceable(
        instance_id=item["InstanceId"],
        outdated=outdated,
        # Those that were there before need no time, and no load balancer's word.
        ready=members.serves(group, item) if outdated else members.ready(group, item, preferences["InstanceWarmup"]),
        leaving=item.get("_leaving", False),
        held=item["ProtectedFromScaleIn"] and preferences["ScaleInProtectedInstances"] == "Wait",
    )


def _refresh(group: dict) -> None:
    """Do a refresh's next step: end what is to be replaced, and launch what is to come first."""
    refresh = _active(group)
    if not refresh or members.suspended(group, "InstanceRefresh"):
        return
    if refresh["Status"] == "Cancelling":
        group["_extra"] = 0
        # What was begun is brought to its end.
        if all(item["LifecycleState"] == "InService" for item in group["Instances"]):
            _end(group, refresh, "Cancelled")
        return
    limits = Limits(refresh["Preferences"]["MinHealthyPercentage"], refresh["Preferences"]["MaxHealthyPercentage"])
    now = step(group["DesiredCapacity"], limits, [_replaceable(group, item, refresh) for item in group["Instances"]])
    total = refresh.setdefault("_total", max(1, now.left))
    refresh |= {
        "Status": "InProgress",
        "InstancesToUpdate": now.left,
        "PercentageComplete": max(0, 100 * (total - now.left) // total),
    }
    group["_extra"] = now.extra
    for item in group["Instances"]:
        if item["InstanceId"] in now.replace:
            members.leave(group, item, _CAUSE)
    if now.done:
        if "_next_template" in group:
            group["LaunchTemplate"] = group["_next_template"]
        _end(group, refresh, "Successful")


def _end(group: dict, refresh: dict, status: str) -> None:
    refresh |= {"Status": status, "EndTime": now_iso()}
    if status == "Successful":
        refresh |= {"PercentageComplete": 100, "InstancesToUpdate": 0}
    group["_extra"] = 0
    group.pop("_next_template", None)


def _cancel(group: dict, _params: dict) -> tuple:
    refresh = _active(group)
    if not refresh:
        message = (
            f"No in progress or pending Instance Refresh found for Auto Scaling group {group['AutoScalingGroupName']}"
        )
        return scaling._error("ActiveInstanceRefreshNotFound", message)
    refresh |= {"Status": "Cancelling", "StatusReason": "Cancelled by user"}
    group.pop("_next_template", None)
    return _answer("CancelInstanceRefresh", refresh)


def _describe(group: dict, params: dict) -> tuple:
    wanted = scaling._parse_member_list(params, "InstanceRefreshIds")
    found = [
        {name: value for name, value in refresh.items() if not name.startswith("_")}
        for refresh in group.get("InstanceRefreshes", [])
        if not wanted or refresh["InstanceRefreshId"] in wanted
    ]
    inner = f"<InstanceRefreshes>{scaling._member_xml(found)}</InstanceRefreshes>"
    name = "DescribeInstanceRefreshes"
    return scaling._xml(200, f"{name}Response", f"<{name}Result>{inner}</{name}Result>")


def _answer(action: str, refresh: dict) -> tuple:
    inner = f"<InstanceRefreshId>{refresh['InstanceRefreshId']}</InstanceRefreshId>"
    return scaling._xml(200, f"{action}Response", f"<{action}Result>{inner}</{action}Result>")


def apply() -> None:
    converge.chores.append(_refresh)
    scaling._ACTION_MAP |= {
        "StartInstanceRefresh": on_group(_start),
        "CancelInstanceRefresh": on_group(_cancel),
        "DescribeInstanceRefreshes": looking(on_group(_describe)),
    }
