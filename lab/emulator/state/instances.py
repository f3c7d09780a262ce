# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read and change EC2 instances: their states, and what DescribeInstances shows of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from xml.sax.saxutils import escape

import ministack.services.ec2 as ec2

CODES = {"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48, "stopping": 64, "stopped": 80}
ALIVE = ("pending", "running", "stopping", "stopped", "shutting-down")


class Reconciler:
    """Whether a reconciler realizes the instances. Without one every state is reached at once, as in the stock emulator."""

    attached = False


def new_state(instance: dict, transitional: str, final: str) -> None:
    """Begin a change of state: it is over at once without a reconciler."""
    set_state(instance, transitional if Reconciler.attached else final)


def set_state(instance: dict, name: str, reason: tuple[str, str] | None = None) -> None:
    """Put an instance into a state; `reason` is a code and a message as in AWS's StateReason."""
    instance["State"] = {"Code": CODES[name], "Name": name}
    instance["StateReason"] = list(reason) if reason else None
    if name == "terminated":
        _let_go(instance)


def created_by(action: Callable[[dict], tuple], params: dict) -> tuple[tuple, list[dict]]:
    """Run an action; returns its answer and the instances that it created."""
    before = set(ec2._instances.keys())
    answer = action(params)
    return answer, [ec2._instances[key] for key in ec2._instances.keys() if key not in before]  # noqa: SIM118 not a dict


def show(fragment: Callable[[dict], str]) -> None:
    """Add what `fragment` returns to an instance wherever the API describes it."""
    render = ec2._instance_xml

    def render_more(instance):
        return render(instance).removesuffix("</item>") + fragment(instance) + "</item>"

    ec2._instance_xml = render_more


def refusal(code: str, message: str) -> tuple:
    """Return an error answer of EC2."""
    return ec2._error(code, escape(message), 400)


def _let_go(instance: dict) -> None:
    """Release what a terminated instance no longer holds: its address, its root volume, its profile."""
    instance["_terminated_at"] = time.time()
    for mapping in instance["BlockDeviceMappings"]:
        ec2._volumes.pop(mapping["Ebs"]["VolumeId"], None)
    instance["BlockDeviceMappings"] = []
    ec2._network_interfaces.pop(instance.get("_interface", ""), None)
    association = ec2._find_active_iam_instance_profile_association(instance["InstanceId"])
    if association:
        ec2._mark_iam_instance_profile_association_disassociated(association)
