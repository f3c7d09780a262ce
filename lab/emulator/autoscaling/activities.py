# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Note what a group did, as DescribeScalingActivities shows it."""

from __future__ import annotations

from ministack.core.responses import new_uuid, now_iso

DRAINING, HOOKED, RUNNING = "WaitingForELBConnectionDraining", "MidLifecycleAction", "InProgress"
_KEPT = 100


def begin(group: dict, description: str, cause: str) -> str:
    """Note that something has begun; returns its id."""
    activity = {
        "ActivityId": new_uuid(),
        "AutoScalingGroupName": group["AutoScalingGroupName"],
        "Description": description,
        "Cause": f"At {now_iso()} {cause}.",
        "StartTime": now_iso(),
        "EndTime": "",
        "StatusCode": RUNNING,
        "StatusMessage": "",
        "Progress": "50",
    }
    group["_activities"] = [activity, *group.get("_activities", [])][:_KEPT]
    return activity["ActivityId"]


def waits(group: dict, activity_id: str, status: str) -> None:
    """Note what an activity waits for."""
    if activity := _find(group, activity_id):
        activity["StatusCode"] = status


def end(group: dict, activity_id: str, failure: str | None = None, status: str = "Failed") -> None:
    """Note that something has ended; `failure` says why it came to nothing."""
    activity = _find(group, activity_id)
    if activity and not activity["EndTime"]:
        activity |= {"EndTime": now_iso(), "Progress": "100", "StatusMessage": failure or ""}
        activity["StatusCode"] = "Successful" if failure is None else status


def failed(group: dict, description: str, cause: str, failure: str) -> None:
    """Note something that came to nothing at once."""
    end(group, begin(group, f"{description}.  Status Reason: {failure}", cause), failure)


def _find(group: dict, activity_id: str) -> dict | None:
    return next((item for item in group.get("_activities", []) if item["ActivityId"] == activity_id), None)
