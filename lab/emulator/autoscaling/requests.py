# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Answer requests about Auto Scaling groups: shared by the patches of Auto Scaling."""

from __future__ import annotations

from collections.abc import Callable
from xml.sax.saxutils import escape

import ministack.services.autoscaling as scaling

from lab.emulator.autoscaling.converge import converge_all

# What else a request can say of a group: each writes it into the group.
settled: list[Callable[[dict, dict], None]] = []


def group_missing(name: str) -> tuple:
    """Return the refusal where no group has this name."""
    message = f"AutoScalingGroup name not found - AutoScalingGroup '{escape(name)}' not found"
    return scaling._error("ValidationError", message)


def instance_missing(identifier: str) -> tuple:
    """Return the refusal where no group has this instance."""
    message = f"Instance Id not found - No managed instance found for instance ID: {escape(identifier)}"
    return scaling._error("ValidationError", message)


def looking(action: Callable[[dict], tuple]) -> Callable[[dict], tuple]:
    """Return an action before which every group does its next step, so that it shows what is so."""

    def converged(params: dict) -> tuple:
        converge_all()
        return action(params)

    return converged


def on_group(action: Callable[[dict, dict], tuple]) -> Callable[[dict], tuple]:
    """Return an action on the group that a request names; it gets the group and the request."""

    def act(params: dict) -> tuple:
        name = scaling._p(params, "AutoScalingGroupName")
        group = scaling._asgs.get(name)
        return action(group, params) if group else group_missing(name)

    return act


def empty(action: str) -> tuple:
    """Return the answer of an action that has nothing to say."""
    return scaling._xml(200, f"{action}Response", f"<{action}Result/>")
