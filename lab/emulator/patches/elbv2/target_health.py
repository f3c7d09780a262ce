# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A target is healthy if it answers, and drains before it is gone.

Its state begins as initial and follows the probes of its group's health check, which the lab makes from the VPC where it realizes
instances (lab/runtime/alb/target_probes.py). A group that no listener forwards to is not probed. What is deregistered stays
draining for the group's deregistration delay. The emulator calls every target healthy, and forgets it at once.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
"""

from __future__ import annotations

import time
from xml.sax.saxutils import escape

import ministack.services.alb as alb

from lab.emulator.state import target_groups


def _missing(arn: str) -> tuple:
    return alb._error("TargetGroupNotFound", f"Target group '{arn}' not found.")


def _register(params: dict) -> tuple:
    arn = alb._p(params, "TargetGroupArn")
    group = alb._tgs.get(arn)
    if not group:
        return _missing(arn)
    for new in alb._parse_targets_param(params):
        new.setdefault("Port", group["Port"])
        # One that is registered again while it drains begins anew.
        kept = [item for item in target_groups.targets(arn) if not (_same(item, new) and "_drained_at" in item)]
        alb._targets[arn] = kept if any(_same(item, new) for item in kept) else [*kept, new]
    return alb._empty("RegisterTargets")


def _same(one: dict, other: dict) -> bool:
    return one["Id"] == other["Id"] and other.get("Port", one["Port"]) == one["Port"]


def _deregister(params: dict) -> tuple:
    arn = alb._p(params, "TargetGroupArn")
    if arn not in alb._tgs:
        return _missing(arn)
    drained = time.time() + target_groups.delay(arn)
    for named in alb._parse_targets_param(params):
        for item in target_groups.targets(arn):
            if _same(item, named):
                item.setdefault("_drained_at", drained)
    return alb._empty("DeregisterTargets")


def _describe(params: dict) -> tuple:
    arn = alb._p(params, "TargetGroupArn")
    group = alb._tgs.get(arn)
    if not group:
        return _missing(arn)
    there, named = target_groups.targets(arn), alb._parse_targets_param(params)
    shown = "".join(
        _described(group, item, *target_groups.state(group, item)) for item in there if _wanted(item, named)
    )
    shown += "".join(
        _described(group, {"Port": group["Port"]} | item, target_groups.UNUSED, "Target.NotRegistered", "")
        for item in named
        if not any(_same(other, item) for other in there)
    )
    inner = f"<TargetHealthDescriptions>{shown}</TargetHealthDescriptions>"
    return alb._xml(200, "DescribeTargetHealth", inner)


def _wanted(target: dict, named: list[dict]) -> bool:
    return not named or any(_same(target, item) for item in named)


def _described(group: dict, target: dict, state: str, reason: str, text: str) -> str:
    more = f"<Reason>{reason}</Reason>" if reason else ""
    more += f"<Description>{escape(text)}</Description>" if text else ""
    port = group["HealthCheckPort"] if group["HealthCheckPort"] != "traffic-port" else target["Port"]
    return (
        f"<member><Target><Id>{target['Id']}</Id><Port>{target['Port']}</Port></Target>"
        f"<HealthCheckPort>{port}</HealthCheckPort><TargetHealth><State>{state}</State>{more}</TargetHealth></member>"
    )


def apply() -> None:
    alb._ACTION_MAP |= {
        "RegisterTargets": _register,
        "DeregisterTargets": _deregister,
        "DescribeTargetHealth": _describe,
    }
