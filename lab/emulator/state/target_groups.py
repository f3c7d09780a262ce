# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read the targets of target groups and their health."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict

import ministack.services.alb as alb
import ministack.services.ec2 as ec2

from lab.emulator.state.instances import Reconciler
from lab.emulator.state.target_health import HEALTHY, INITIAL, UNHEALTHY, Health

DRAINING, UNUSED = "draining", "unused"
_REASONS = {
    INITIAL: ("Elb.RegistrationInProgress", "Target registration is in progress"),
    UNHEALTHY: ("Target.FailedHealthChecks", "Health checks failed"),
    DRAINING: ("Target.DeregistrationInProgress", "Target deregistration is in progress"),
}
_NOT_IN_USE = ("Target.NotInUse", "Target group is not configured to receive traffic from the load balancer")
_NOT_RUNNING = ("Target.InvalidState", "Target is in the stopped state")


def targets(arn: str) -> list[dict]:
    """Return a group's targets; one whose deregistration is over is taken out, and so is an instance that has ended."""
    there = [item for item in alb._targets.get(arn, []) if not _over(item)]
    if arn in alb._targets:
        alb._targets[arn] = there
    return there


def _over(target: dict) -> bool:
    drained = target.get("_drained_at", time.time() + 1) <= time.time()
    instance = ec2._instances.get(target["Id"], {})
    ended = target["Id"].startswith("i-") and instance.get("State", {}).get("Name") in (None, "terminated")
    return drained or ended


def delay(arn: str) -> float:
    """Return how long a target drains, in seconds."""
    attributes = {item["Key"]: item["Value"] for item in alb._tg_attrs.get(arn, [])}
    return float(attributes.get("deregistration_delay.timeout_seconds", 300))


def address(group: dict, target: dict) -> str | None:
    """Return where a target is found; None for an instance that doesn't run."""
    if group["TargetType"] != "instance":
        return target["Id"]
    instance = ec2._instances.get(target["Id"])
    return instance["PrivateIpAddress"] if instance and instance["State"]["Name"] == "running" else None


def state(group: dict, target: dict) -> tuple[str, str, str]:
    """Return a target's state, with AWS's reason and description where there is one."""
    if "_drained_at" in target:
        return (DRAINING, *_REASONS[DRAINING])
    if not in_use(group["TargetGroupArn"]):
        return (UNUSED, *_NOT_IN_USE)
    if address(group, target) is None:
        return (UNUSED, *_NOT_RUNNING)
    if not Reconciler.attached:
        return (HEALTHY, "", "")  # nobody is there to be asked
    health = Health(**target.get("_health", asdict(Health())))
    reason, text = _REASONS.get(health.state, ("", ""))
    return health.state, reason, f"{text}: {health.said}" if health.state == UNHEALTHY and health.said else text


def in_use(arn: str) -> bool:
    """Return whether a listener of a load balancer, or a rule of one, forwards to a target group."""
    holders = [item["DefaultActions"] for item in alb._listeners.values()]
    holders += [item["Actions"] for item in alb._rules.values()]
    return any(arn in _forwards(action) for actions in holders for action in actions)


def _forwards(action: dict) -> Iterator[str]:
    yield action.get("TargetGroupArn", "")
    for item in action.get("ForwardConfig", {}).get("TargetGroups", []):
        yield item.get("TargetGroupArn", "")
