# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Instances as a role meets them: they boot, know who they are, reach AWS under their role, and can't be reached from outside."""

from __future__ import annotations

import base64
import json
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.machines import (
    LISTENER,
    Place,
    booted,
    containers_of,
    fetched,
    inside,
    make_place,
    make_profile,
    root_key,
    wait_for,
)

_BUCKET = "instances-artefacts"
_READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{_BUCKET}/runner/*"}

# boto3 as a boot script uses it: no endpoint, no key, no region but the instance's own.
_FETCH = f"""
import boto3, pathlib
bucket = boto3.Session().resource("s3").Bucket("{_BUCKET}")
pathlib.Path("/srv/greeting").write_bytes(bucket.Object("runner/greeting").get()["Body"].read())
"""

_CONFIGURED = f"""
token=$(curl --silent --fail -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' http://169.254.169.254/latest/api/token)
metadata() {{ curl --silent --fail -H "X-aws-ec2-metadata-token: $token" "http://169.254.169.254/latest/meta-data/$1"; }}
export AWS_DEFAULT_REGION=$(metadata placement/region)
metadata instance-id >/srv/instance-id
metadata tags/instance/tier >/srv/tier
python3 -c '{_FETCH}'
{LISTENER}
"""


@dataclass(frozen=True)
class Launched:
    """One instance in a private subnet with a role, one in a data subnet, one in the other region behind a peering."""

    here: Place
    there: Place
    private: str
    data: str
    peer: str


@pytest.fixture(scope="module")
def launched(lab_with_instances) -> Launched:
    here = make_place(lab_with_instances, "me-west-1", "10.10.0.0/16")
    there = make_place(lab_with_instances, "eu-central-1", "10.20.0.0/16")
    storage = here.api("s3")
    storage.create_bucket(Bucket=_BUCKET, CreateBucketConfiguration={"LocationConstraint": "me-west-1"})
    storage.put_object(Bucket=_BUCKET, Key="runner/greeting", Body=b"hello from the bucket")
    storage.put_object(Bucket=_BUCKET, Key="backups/secret", Body=b"not for runners")
    asked = here.api("ec2").create_vpc_peering_connection(VpcId=here.vpc, PeerVpcId=there.vpc, PeerRegion=there.region)
    connection = asked["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    there.api("ec2").accept_vpc_peering_connection(VpcPeeringConnectionId=connection)
    private = here.launch(
        "private",
        _CONFIGURED,
        IamInstanceProfile=make_profile(lab_with_instances, "instances-runner", [_READ]),
        MetadataOptions={"HttpTokens": "required", "InstanceMetadataTags": "enabled"},
        TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "tier", "Value": "runner"}]}],
    )
    listening = f"echo data >/srv/tier\n{LISTENER}"
    made = Launched(here, there, private, here.launch("data", listening), there.launch("private", listening))
    for instance in (made.private, made.data, made.peer):
        booted(instance)
    return made


def test_an_instance_boots_systemd(launched):
    wait_for("systemd", lambda: inside(launched.private, "systemctl", "is-system-running").stdout.strip() == "running")
    assert launched.here.state(launched.private) == "running"


def test_it_has_the_address_that_the_api_reports(launched):
    address = launched.here.address(launched.private)
    interfaces = json.loads(inside(launched.private, "ip", "-json", "-4", "address", "show", "eth0").stdout)
    assert [(item["local"], item["prefixlen"]) for item in interfaces[0]["addr_info"]] == [(address, 20)]


def test_its_boot_script_has_read_the_metadata_service(launched):
    assert inside(launched.private, "cat", "/srv/instance-id").stdout == launched.private
    assert inside(launched.private, "cat", "/srv/tier").stdout == "runner"


def test_the_metadata_service_wants_a_token_where_the_launch_says_so(launched):
    path = "http://169.254.169.254/latest/meta-data/instance-id"
    assert fetched(launched.private, path) is None
    assert fetched(launched.data, path) == launched.data


def test_its_role_allows_what_its_policy_says(launched):
    assert inside(launched.private, "cat", "/srv/greeting").stdout == "hello from the bucket"


def test_its_role_refuses_everything_else(launched):
    script = f"import boto3; boto3.client('s3', 'me-west-1').get_object(Bucket='{_BUCKET}', Key='backups/secret')"
    ran = inside(launched.private, "python3", "-c", script)
    assert "(AccessDenied)" in ran.stderr
    assert f"assumed-role/instances-runner/{launched.private}" in ran.stderr


def test_without_a_profile_there_are_no_credentials(launched):
    ran = inside(launched.data, "python3", "-c", "import boto3; boto3.client('sts', 'me-west-1').get_caller_identity()")
    assert "Unable to locate credentials" in ran.stderr


@pytest.mark.parametrize("name", ["private", "data"])
def test_the_control_machine_reaches_no_private_or_data_subnet(launched, name):
    """The same listener that answers a neighbour: a try from here has to fail."""
    instance = getattr(launched, name)
    address = launched.here.address(instance)
    with pytest.raises(OSError, match=r"unreachable|No route|timed out"):
        socket.create_connection((address, 8080), timeout=3)
    neighbour = launched.data if name == "private" else launched.private
    assert fetched(neighbour, f"http://{address}:8080/tier")


def test_a_peer_reaches_across_regions(launched):
    assert fetched(launched.private, f"http://{launched.there.address(launched.peer)}:8080/tier") == "data\n"


def test_nothing_outside_the_lab_answers(launched):
    """Neither by name nor by address: not this machine's own addresses either."""
    own = subprocess.run(["ip", "-json", "-4", "address"], capture_output=True, text=True, check=True).stdout
    addresses = [
        item["local"] for link in json.loads(own) for item in link["addr_info"] if item["local"] != "127.0.0.1"
    ]
    reachable = [
        address for address in (*addresses, "192.0.2.1", "198.51.100.1") if _connects(launched.private, address)
    ]
    assert reachable == []
    assert inside(launched.private, "getent", "hosts", "www.example.com").returncode != 0
    assert inside(launched.private, "getent", "hosts", "s3.ap-south-1.amazonaws.com").returncode != 0


def _connects(instance: str, address: str) -> bool:
    script = f"import socket; socket.create_connection(('{address}', 22), timeout=2)"
    said = inside(instance, "python3", "-c", script).stderr
    # A refusal is an answer too: somebody was reached.
    return "unreachable" not in said and "No route" not in said


def test_a_cut_region_is_cut_from_inside(launched):
    api = "https://s3.{}.amazonaws.com/"
    assert fetched(launched.private, api.format("me-west-1")) is not None
    launched.here.clients.stack.control("me-west-1", "refuse")
    try:
        assert fetched(launched.private, api.format("me-west-1")) is None
        assert fetched(launched.private, api.format("eu-central-1")) is not None
    finally:
        launched.here.clients.stack.control("me-west-1", "open")


def test_ansible_connects_through_docker(launched):
    command = [
        str(Path(sys.executable).with_name("ansible")),
        "all",
        "--inventory",
        f"{launched.private},",
        "--one-line",
    ]
    command += ["--connection", "community.docker.docker", "-e", "ansible_python_interpreter=/usr/bin/python3"]
    ran = subprocess.run([*command, "--module-name", "ping"], capture_output=True, text=True, check=False)
    assert "pong" in ran.stdout, ran.stdout + ran.stderr


def test_a_killed_instance_of_a_group_is_replaced_and_configures_itself(launched):
    """The group's only instance is killed outside the API; the next one fetches from the bucket of its own region."""
    scaling = launched.here.api("autoscaling")
    ec2 = launched.here.api("ec2")
    ec2.create_launch_template(
        LaunchTemplateName="replaced",
        LaunchTemplateData={
            "ImageId": launched.here.described(launched.private)["ImageId"],
            "InstanceType": "t3.small",
            "UserData": _encoded(f"#!/bin/sh\nset -ex\n{_CONFIGURED}"),
            "IamInstanceProfile": {"Name": "instances-runner"},
            "MetadataOptions": {"HttpTokens": "required", "InstanceMetadataTags": "enabled"},
            "TagSpecifications": [{"ResourceType": "instance", "Tags": [{"Key": "tier", "Value": "runner"}]}],
        },
    )
    scaling.create_auto_scaling_group(
        AutoScalingGroupName="replaced",
        MinSize=1,
        MaxSize=1,
        VPCZoneIdentifier=launched.here.subnets["private"],
        LaunchTemplate={"LaunchTemplateName": "replaced", "Version": "$Latest"},
    )

    def in_service() -> list[str]:
        group = scaling.describe_auto_scaling_groups(AutoScalingGroupNames=["replaced"])["AutoScalingGroups"][0]
        return [item["InstanceId"] for item in group["Instances"] if item["LifecycleState"] == "InService"]

    first = wait_for("the group's first instance", in_service)[0]
    subprocess.run(["docker", "kill", first], capture_output=True, check=True)
    second = wait_for("the instance that replaces it", lambda: [item for item in in_service() if item != first])[0]
    booted(second)
    assert fetched(launched.private, f"http://{launched.here.address(second)}:8080/greeting") == "hello from the bucket"
    wait_for("the end of the killed one", lambda: launched.here.state(first) == "terminated")
    scaling.delete_auto_scaling_group(AutoScalingGroupName="replaced", ForceDelete=True)
    wait_for("the end of the group", lambda: not _groups(scaling))
    assert second not in containers_of(launched.here.clients.stack.settings.home)


def _groups(scaling) -> list[dict]:
    return scaling.describe_auto_scaling_groups(AutoScalingGroupNames=["replaced"])["AutoScalingGroups"]


def _encoded(script: str) -> str:
    return base64.b64encode(script.encode()).decode()


def test_role_credentials_are_the_instances_own(launched):
    """A stranger's address gets nothing: not even another instance can have this one's credentials."""
    path = "http://169.254.169.254/latest/meta-data/iam/security-credentials/instances-runner"
    assert fetched(launched.data, path) is None
    assert launched.here.clients("sts", key=root_key()).get_caller_identity()["Account"]
