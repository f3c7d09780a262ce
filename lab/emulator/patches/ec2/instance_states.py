# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""An instance passes through pending, stopping and shutting-down, says why it ended, and can't be started once it is terminated.

AWS answers IncorrectInstanceState where a state allows no such change. The emulator jumps to the final state, whatever the one
before, and a terminated instance runs again. Where a reconciler realizes instances (lab/runtime/ec2), the transitional
state lasts until the container is there, or gone.
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html
"""

from __future__ import annotations

from xml.sax.saxutils import escape

import ministack.services.ec2 as ec2

from lab.emulator.state.instances import Reconciler, new_state, refusal, set_state, show

_BY_USER = ("Client.UserInitiatedShutdown", "Client.UserInitiatedShutdown: User initiated shutdown")

# Action: (verb, states that refuse it, states in which nothing is to be done, transitional state, final state).
_CHANGES = {
    "StartInstances": (
        "started",
        {"terminated", "shutting-down", "stopping"},
        {"running", "pending"},
        "pending",
        "running",
    ),
    "StopInstances": (
        "stopped",
        {"terminated", "shutting-down", "pending"},
        {"stopped", "stopping"},
        "stopping",
        "stopped",
    ),
    "TerminateInstances": ("terminated", set(), {"terminated", "shutting-down"}, "shutting-down", "terminated"),
}


def _state_xml(tag, state):
    return f"<{tag}><code>{state['Code']}</code><name>{state['Name']}</name></{tag}>"


def _found(params):
    """Return the instances that a request names, or the refusal where one does not exist."""
    identifiers = ec2._parse_member_list(params, "InstanceId")
    for identifier in identifiers:
        if identifier not in ec2._instances:
            return [], refusal("InvalidInstanceID.NotFound", f"The instance ID '{identifier}' does not exist")
    return [ec2._instances[identifier] for identifier in identifiers], None


def _changing(action):
    verb, refused, done, transitional, final = _CHANGES[action]

    def change(params):
        instances, problem = _found(params)
        for instance in instances:
            if instance["State"]["Name"] in refused:
                message = f"The instance '{instance['InstanceId']}' is not in a state from which it can be {verb}."
                problem = refusal("IncorrectInstanceState", message)
        if problem:
            return problem
        items = ""
        for instance in instances:
            previous = instance["State"]
            if previous["Name"] not in done:
                new_state(instance, transitional, final)
                instance["StateReason"] = None if action == "StartInstances" else list(_BY_USER)
            items += f"<item><instanceId>{instance['InstanceId']}</instanceId>"
            items += f"{_state_xml('currentState', instance['State'])}{_state_xml('previousState', previous)}</item>"
        return ec2._xml(200, f"{action}Response", f"<instancesSet>{items}</instancesSet>")

    return change


def _reboot(params):
    instances, problem = _found(params)
    if problem:
        return problem
    for instance in instances:
        instance["_reboots"] = instance.get("_reboots", 0) + 1
    return ec2._xml(200, "RebootInstancesResponse", "<return>true</return>")


def _reason_xml(instance):
    reason = instance.get("StateReason")
    if not reason:
        return ""
    return f"<stateReason><code>{escape(reason[0])}</code><message>{escape(reason[1])}</message></stateReason>"


def apply() -> None:
    launch = ec2._launch_instances_internal

    def launch_pending(**arguments):
        created = launch(**arguments)
        for instance in created:
            set_state(instance, "pending" if Reconciler.attached else "running")
        return created

    ec2._launch_instances_internal = launch_pending
    ec2._ACTION_MAP |= {action: _changing(action) for action in _CHANGES} | {"RebootInstances": _reboot}
    show(_reason_xml)
