# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Create or terminate a host with the tier's image and role, and without user data: bare_host.py present | absent

Print what was done. amazon.aws.ec2_instance needs more attributes of an instance than the lab returns.
"""

from __future__ import annotations

import json
import os
import sys

import boto3

REGION = "me-west-1"
PREFIX = f"molecule-media-host-{REGION}"
IMAGE = "resolve:ssm:/aws/service/debian/release/12/latest/amd64"
TAGS = {
    "Name": "molecule-media-host-bare",
    "platform": "molecule",
    "environment": "media-host",
    "tier": "media",
    "managed-by": "knowledgecity.platform",
}
EC2 = boto3.client("ec2", region_name=REGION, endpoint_url=json.loads(os.environ["LAB_ENDPOINTS"])[REGION])


def living() -> list[str]:
    states = {"Name": "instance-state-name", "Values": ["pending", "running", "stopping", "stopped"]}
    found = EC2.describe_instances(Filters=[{"Name": "tag:Name", "Values": [TAGS["Name"]]}, states])["Reservations"]
    return [instance["InstanceId"] for reservation in found for instance in reservation["Instances"]]


def launch() -> str:
    subnets = EC2.describe_subnets(Filters=[{"Name": "tag:Name", "Values": [f"{PREFIX}-network-private-*"]}])["Subnets"]
    groups = EC2.describe_security_groups(Filters=[{"Name": "group-name", "Values": [f"{PREFIX}-network-media"]}])
    launched = EC2.run_instances(
        ImageId=IMAGE,
        InstanceType="c7i.xlarge",
        MinCount=1,
        MaxCount=1,
        SubnetId=min(subnet["SubnetId"] for subnet in subnets),
        SecurityGroupIds=[groups["SecurityGroups"][0]["GroupId"]],
        IamInstanceProfile={"Name": f"{PREFIX}-media"},
        MetadataOptions={"HttpTokens": "required"},
        TagSpecifications=[
            {"ResourceType": "instance", "Tags": [{"Key": key, "Value": value} for key, value in TAGS.items()]}
        ],
    )["Instances"]
    return launched[0]["InstanceId"]


def main(wanted: str) -> None:
    there = living()
    if wanted == "present" and not there:
        there = [launch()]
        print(f"launched {there[0]}")
    if wanted == "present":
        EC2.get_waiter("instance_running").wait(InstanceIds=there, WaiterConfig={"Delay": 2, "MaxAttempts": 90})
    elif there:
        EC2.terminate_instances(InstanceIds=there)
        EC2.get_waiter("instance_terminated").wait(InstanceIds=there, WaiterConfig={"Delay": 2, "MaxAttempts": 90})
        print(f"terminated {there[0]}")


if __name__ == "__main__":
    main(*sys.argv[1:])
