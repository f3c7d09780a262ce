# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Announce interruptions of spot instances, and end the instances when their time has come.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html
"""

from __future__ import annotations

import time

import ministack.services.ec2 as ec2

from lab.emulator.state.instances import new_state

# How long before its end an instance hears of it.
NOTICE = 120.0
_REASON = ["Server.SpotInstanceTermination", "Server.SpotInstanceTermination: Spot instance termination"]


def announce(instance: dict, seconds: float) -> str:
    """Let an instance know that it ends after so many seconds; returns what is wrong, or nothing."""
    if instance.get("InstanceLifecycle") != "spot":
        return f"{instance['InstanceId']} is not a spot instance"
    if instance["State"]["Name"] != "running":
        return f"{instance['InstanceId']} does not run"
    now = time.time()
    instance["_interruption"] = {"told": now, "due": now + seconds}
    return ""


def is_told(instance: dict) -> bool:
    """Return whether an instance knows that it will be taken away."""
    return "_interruption" in instance


def end_due() -> None:
    """End the current region's instances whose time has come."""
    now = time.time()
    for instance in ec2._instances.values():
        if is_told(instance) and instance["_interruption"]["due"] <= now and instance["State"]["Name"] == "running":
            new_state(instance, "shutting-down", "terminated")
            instance["StateReason"] = list(_REASON)
