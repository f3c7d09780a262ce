# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Auto Scaling groups for tests: a network, a launch template, a group, and what became of its instances."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass

from lab.settings import CHECKOUT
from tests.support.labs import Clients
from tests.support.machines import root_key

_DATA = {"ImageId": "ami-0abcdef1234567890", "InstanceType": "t3.micro"}


@dataclass(frozen=True)
class Group:
    """A group with a launch template of the same name."""

    clients: Clients
    name: str
    vpc: str

    def api(self, service: str = "autoscaling"):
        return self.clients(service, key=root_key())

    def described(self) -> dict:
        return self.api().describe_auto_scaling_groups(AutoScalingGroupNames=[self.name])["AutoScalingGroups"][0]

    def instances(self, state: str = "InService") -> list[str]:
        """The instances in a state of their lifecycle, in the order in which they were launched."""
        return [item["InstanceId"] for item in self.described()["Instances"] if item["LifecycleState"] == state]

    def states(self) -> dict[str, str]:
        return {item["InstanceId"]: item["LifecycleState"] for item in self.described()["Instances"]}

    def activities(self) -> list[dict]:
        return self.api().describe_scaling_activities(AutoScalingGroupName=self.name)["Activities"]

    def interrupt(self, instance: str, *options: str) -> None:
        """`lab interrupt`: let a spot instance know that it will be taken away."""
        command = [sys.executable, "-m", "lab", "interrupt", instance, *options]
        subprocess.run(command, cwd=CHECKOUT, env=self.clients.environment(), check=True)

    def new_version(self, **data) -> str:
        made = self.api("ec2").create_launch_template_version(
            LaunchTemplateName=self.name, LaunchTemplateData=_DATA | data
        )
        return str(made["LaunchTemplateVersion"]["VersionNumber"])

    def delete(self) -> None:
        self.api().delete_auto_scaling_group(AutoScalingGroupName=self.name, ForceDelete=True)
        self.api("ec2").delete_launch_template(LaunchTemplateName=self.name)


def mixed(name: str, *types: str, **distribution) -> dict:
    """The policy of mixed instances for a launch template: of these types, distributed so."""
    return {
        "LaunchTemplate": {
            "LaunchTemplateSpecification": {"LaunchTemplateName": name, "Version": "$Latest"},
            "Overrides": [{"InstanceType": kind} for kind in types],
        },
        "InstancesDistribution": distribution,
    }


def make_group(clients: Clients, name: str, cidr: str, size: int, **settings) -> Group:
    """A group of `size` in two zones of a VPC of its own, whose instances are records only."""
    ec2 = clients("ec2", key=root_key())
    vpc = ec2.create_vpc(CidrBlock=f"{cidr}.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"{cidr}.{number}.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for number, zone in enumerate(("me-west-1a", "me-west-1b"))
    ]
    ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData=_DATA)
    group = Group(clients, name, vpc)
    wanted = {
        "MinSize": 0,
        "MaxSize": 10,
        "DesiredCapacity": size,
        "VPCZoneIdentifier": ",".join(subnets),
        "LaunchTemplate": {"LaunchTemplateName": name, "Version": "$Latest"},
    }
    if "MixedInstancesPolicy" in settings:
        del wanted["LaunchTemplate"]
    group.api().create_auto_scaling_group(AutoScalingGroupName=name, **wanted | settings)
    return group
