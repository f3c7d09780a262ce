# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Follow a group's instances: their health, and their lifecycle between launch and termination."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import ministack.services.autoscaling as scaling
import ministack.services.ec2 as ec2

from lab.emulator.autoscaling import activities
from lab.emulator.autoscaling.scaling import Member

# Each says whether an instance may go on; asked in their order at every pass, until all allow it.
Gate = Callable[[dict, dict], bool]
on_the_way_in: list[Gate] = []
on_the_way_out: list[Gate] = []
# Each says whether it takes an instance for unhealthy, whatever EC2 thinks.
complaints: list[Gate] = []
# Each says whether an instance in service can already do its work.
assurances: list[Gate] = []


def everywhere() -> Iterator[tuple[dict, dict]]:
    """Yield every group of the region with each of its instances."""
    for group in scaling._asgs.values():
        for item in group["Instances"]:
            yield group, item


def found(instance_id: str) -> tuple[dict, dict] | None:
    """Return the group of an instance, and its entry there."""
    return next(((group, item) for group, item in everywhere() if item["InstanceId"] == instance_id), None)


def suspended(group: dict, process: str) -> bool:
    return process in group.get("_suspended", [])


def in_grace(group: dict, item: dict) -> bool:
    """Return whether an instance has been in service for less than the group's grace period."""
    since = item.get("_in_service_at")
    return since is None or time.time() - since < group["HealthCheckGracePeriod"]


def state_of(item: dict) -> str | None:
    """EC2's state of an instance; None where EC2 doesn't know it."""
    instance = ec2._instances.get(item["InstanceId"])
    return instance["State"]["Name"] if instance else None


def member(group: dict, item: dict) -> Member:
    """Return an instance as the group's next step is decided by."""
    checked = not suspended(group, "HealthCheck")
    return Member(
        instance_id=item["InstanceId"],
        zone=item["AvailabilityZone"],
        state=state_of(item),
        leaving=item.get("_leaving", False),
        marked=checked and (item.get("_unhealthy", False) or any(complain(group, item) for complain in complaints)),
        protected=item["ProtectedFromScaleIn"],
        kept=any(suspended(group, process) for process in ("HealthCheck", "ReplaceUnhealthy", "Terminate")),
        at_risk=item.get("_at_risk", False),
    )


def ready(group: dict, item: dict, warm_up: float) -> bool:
    """Return whether an instance is in service, healthy, and has been for the warm-up."""
    since = item.get("_in_service_at")
    settled = since is not None and time.time() - since >= warm_up
    return settled and serves(group, item) and all(assure(group, item) for assure in assurances)


def serves(group: dict, item: dict) -> bool:
    """Return whether an instance is in service and healthy."""
    return item["LifecycleState"] == "InService" and member(group, item).healthy


def fault(item: dict) -> str:
    """Return which health check an unhealthy instance failed."""
    if state_of(item) not in ("pending", "running"):
        return "an EC2 health check indicating it has been terminated or stopped"
    return "a user health-check" if item.get("_unhealthy") else "an ELB system health check failure"


def leave(group: dict, item: dict, cause: str) -> None:
    """Begin to end an instance; it goes once everything on its way out allows it."""
    if item.get("_leaving"):
        return
    activities.end(group, item["_activity"], "the instance was ended before it was in service", "Cancelled")
    description = f"Terminating EC2 instance: {item['InstanceId']}"
    item |= {
        "_leaving": True,
        "LifecycleState": "Terminating",
        "_activity": activities.begin(group, description, cause),
    }


def advance(group: dict, item: dict) -> None:
    """Let an instance go on, in or out, as far as it may."""
    state = state_of(item)
    if item.get("_leaving"):
        _advance_out(group, item, state)
    elif state == "running" and item["LifecycleState"] != "InService" and _passes(on_the_way_in, group, item):
        item |= {"LifecycleState": "InService", "_in_service_at": time.time()}
        activities.end(group, item["_activity"])


def _advance_out(group: dict, item: dict, state: str | None) -> None:
    if state in (None, "terminated"):
        activities.end(group, item["_activity"])
        group["Instances"] = [other for other in group["Instances"] if other is not item]
    elif state != "shutting-down" and _passes(on_the_way_out, group, item):
        activities.waits(group, item["_activity"], activities.RUNNING)
        ec2._ACTION_MAP["TerminateInstances"]({"InstanceId.1": item["InstanceId"]})
        if state_of(item) == "terminated":  # where no reconciler realizes instances
            _advance_out(group, item, "terminated")


def _passes(gates: list[Gate], group: dict, item: dict) -> bool:
    return all(gate(group, item) for gate in gates)
