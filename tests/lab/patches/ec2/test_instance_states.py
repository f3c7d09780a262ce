# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from tests.support.answers import error_code


def aws_behaviour(clients) -> bool:
    """A terminated instance can't be started or stopped, and says why it ended."""
    ec2 = clients("ec2")
    instance = ec2.run_instances(ImageId="ami-0abcdef1234567890", MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    stopped = ec2.stop_instances(InstanceIds=[instance])["StoppingInstances"][0]
    started = ec2.start_instances(InstanceIds=[instance])["StartingInstances"][0]
    ec2.terminate_instances(InstanceIds=[instance])
    shown = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]
    return (
        (stopped["PreviousState"]["Name"], stopped["CurrentState"]["Name"]) == ("running", "stopped")
        and (started["PreviousState"]["Name"], started["CurrentState"]["Name"]) == ("stopped", "running")
        and shown["State"]["Name"] == "terminated"
        and shown.get("StateReason", {}).get("Code") == "Client.UserInitiatedShutdown"
        and error_code(ec2.start_instances, InstanceIds=[instance]) == "IncorrectInstanceState"
        and error_code(ec2.stop_instances, InstanceIds=[instance]) == "IncorrectInstanceState"
    )


def test_instance_states(patched_only):
    patched_only("ec2.instance_states", aws_behaviour)
