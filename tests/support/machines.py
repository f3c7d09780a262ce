# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Instances for the tests that need real ones: a network, a role, a launch, and a look inside.

The look inside is the tests' own (`docker exec`): nothing is configured that way.
"""

from __future__ import annotations

import ipaddress
import json
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass

from lab.settings import ACCOUNT_ID
from tests.support.labs import Clients

IMAGE = "resolve:ssm:/aws/service/debian/release/12/latest/amd64"
TIMEOUT = 150.0

# A listener that outlives the boot script, and serves what the script leaves below /srv.
LISTENER = "systemd-run --quiet --unit=listener python3 -m http.server 8080 --directory /srv"

_TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def root_key() -> tuple[str, str]:
    """The emulator's root user: these tests are about instances, not about who may launch them."""
    return ACCOUNT_ID, "unused-by-the-emulator"


@dataclass(frozen=True)
class Place:
    """A VPC of a region with one subnet for each class."""

    clients: Clients
    region: str
    vpc: str
    subnets: dict[str, str]

    def api(self, service: str):
        return self.clients(service, self.region, key=root_key())

    def launch(self, subnet: str, script: str = "", **options) -> str:
        """Launch an instance with a boot script; returns its id."""
        launched = self.api("ec2").run_instances(
            ImageId=IMAGE,
            InstanceType="t3.small",
            MinCount=1,
            MaxCount=1,
            SubnetId=self.subnets[subnet],
            UserData=f"#!/bin/sh\nset -ex\n{script}\n",
            **options,
        )
        return launched["Instances"][0]["InstanceId"]

    def described(self, instance_id: str) -> dict:
        return self.api("ec2").describe_instances(InstanceIds=[instance_id])["Reservations"][0]["Instances"][0]

    def address(self, instance_id: str) -> str:
        return self.described(instance_id)["PrivateIpAddress"]

    def state(self, instance_id: str) -> str:
        return self.described(instance_id)["State"]["Name"]


def make_place(clients: Clients, region: str, cidr: str) -> Place:
    """Create a VPC with a public, a private and a data subnet."""
    ec2 = clients("ec2", region, key=root_key())
    vpc = ec2.create_vpc(CidrBlock=cidr)["Vpc"]["VpcId"]
    ranges = ipaddress.IPv4Network(cidr).subnets(new_prefix=20)
    subnets = {}
    for name, subnet in zip(("public", "private", "data"), ranges, strict=False):
        created = ec2.create_subnet(VpcId=vpc, CidrBlock=str(subnet), AvailabilityZone=f"{region}a")
        subnets[name] = created["Subnet"]["SubnetId"]
    return Place(clients, region, vpc, subnets)


def make_profile(clients: Clients, name: str, statements: list[dict]) -> dict[str, str]:
    """Create a role for instances; returns what a launch takes."""
    iam = clients("iam", "us-east-1", key=root_key())
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(_TRUST))
    policy = {"Version": "2012-10-17", "Statement": statements}
    iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=json.dumps(policy))
    iam.create_instance_profile(InstanceProfileName=name)
    iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)
    return {"Name": name}


def wait_for[Answer](what: str, look: Callable[[], Answer], timeout: float = TIMEOUT, pause: float = 0.3) -> Answer:
    """Look until there is something to see; returns it."""
    deadline = time.monotonic() + timeout
    while not (answer := look()):
        assert time.monotonic() < deadline, f"{what}: not after {timeout:.0f} s"
        time.sleep(pause)
    return answer


def inside(instance_id: str, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command in an instance."""
    return subprocess.run(["docker", "exec", instance_id, *command], capture_output=True, text=True, check=False)


def booted(instance_id: str) -> str:
    """Wait until the boot script has ended; returns what it printed. Fails where the script did."""
    # The file that `cloud-init status` reads, which itself would cost more than a second of the boot's processor at every look.
    result = wait_for(
        f"the boot of {instance_id}",
        lambda: inside(instance_id, "cat", "/run/cloud-init/result.json").stdout,
        pause=1.0,
    )
    output = inside(instance_id, "cat", "/var/log/cloud-init-output.log").stdout
    assert json.loads(result)["v1"]["errors"] == [], output
    return output


def fetched(instance_id: str, url: str) -> str | None:
    """What an instance gets from a URL within three seconds; None where it gets nothing."""
    ran = inside(instance_id, "curl", "--silent", "--fail", "--max-time", "3", url)
    return ran.stdout if ran.returncode == 0 else None


def containers_of(home) -> list[str]:
    label = f"label=knowledgecity.platform.lab={home}"
    listed = subprocess.run(
        ["docker", "ps", "--all", "--filter", label, "--format", "{{.Names}}"],
        capture_output=True,
        text=True,
        check=True,
    )
    return listed.stdout.split()
