# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Print the scenario's media tier in one region as JSON, without the secret's content.

look.py REGION         the description of all resources
look.py REGION left    the names of the resources that exist
"""

from __future__ import annotations

import base64
import json
import os
import sys

import boto3

PREFIX = "molecule-media"
REGION = sys.argv[1]
NAME = f"{PREFIX}-{REGION}-media"
# The role cuts names of load balancers at their limit of 32 characters.
CUT = NAME[:23]
ENDPOINTS = json.loads(os.environ["LAB_ENDPOINTS"])


def client(service: str, region: str = REGION):
    return boto3.client(service, region_name=region, endpoint_url=ENDPOINTS[region])


def attributes(listed: list[dict]) -> dict[str, str]:
    return {item["Key"]: item["Value"] for item in listed}


def balancer() -> dict:
    elb = client("elbv2")
    (found,) = [item for item in elb.describe_load_balancers()["LoadBalancers"] if item["LoadBalancerName"][:23] == CUT]
    arn = found["LoadBalancerArn"]
    (group,) = elb.describe_target_groups(LoadBalancerArn=arn)["TargetGroups"]
    acl = client("wafv2").get_web_acl_for_resource(ResourceArn=arn).get("WebACL", {})
    return found | {
        "attributes": attributes(elb.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]),
        "listeners": {str(item["Port"]): item for item in elb.describe_listeners(LoadBalancerArn=arn)["Listeners"]},
        "target_group": group,
        "target_attributes": attributes(
            elb.describe_target_group_attributes(TargetGroupArn=group["TargetGroupArn"])["Attributes"]
        ),
        "tags": attributes(elb.describe_tags(ResourceArns=[arn])["TagDescriptions"][0]["Tags"]),
        "web_acl": acl.get("Name", ""),
    }


def queue(name: str) -> dict:
    sqs = client("sqs")
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    documents = {name: json.loads(found[name]) for name in ("Policy", "RedrivePolicy") if name in found}
    return found | documents | {"tags": sqs.list_queue_tags(QueueUrl=url).get("Tags", {})}


def group() -> dict:
    scaling = client("autoscaling")
    (found,) = scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[NAME])["AutoScalingGroups"]
    return found | {
        "hooks": scaling.describe_lifecycle_hooks(AutoScalingGroupName=NAME)["LifecycleHooks"],
        "policies": scaling.describe_policies(AutoScalingGroupName=NAME)["ScalingPolicies"],
        "tags": attributes(found["Tags"]),
    }


def template() -> dict:
    ec2 = client("ec2")
    (newest,) = ec2.describe_launch_template_versions(LaunchTemplateName=NAME, Versions=["$Latest"])[
        "LaunchTemplateVersions"
    ]
    data = newest["LaunchTemplateData"]
    return data | {"boot": base64.b64decode(data["UserData"]).decode(), "version": str(newest["VersionNumber"])}


def alarms() -> dict:
    found = client("cloudwatch").describe_alarms(AlarmNamePrefix=NAME)["MetricAlarms"]
    return {item["AlarmName"].removeprefix(f"{NAME}-"): item for item in found}


def bundle() -> list[dict]:
    s3, bucket = client("s3"), f"{PREFIX}-{REGION}-storage-artefacts"
    keys = [item["Key"] for item in s3.list_objects_v2(Bucket=bucket, Prefix="media/")["Contents"]]
    return [{"key": key, "encryption": s3.head_object(Bucket=bucket, Key=key)["ServerSideEncryption"]} for key in keys]


def secret() -> dict:
    """Return whether both regions have the same secret, and its attributes."""
    values = [
        json.loads(client("secretsmanager", region).get_secret_value(SecretId=f"{PREFIX}/media/tokens")["SecretString"])
        for region in ("me-west-1", "eu-central-1")
    ]
    described = client("secretsmanager").describe_secret(SecretId=f"{PREFIX}/media/tokens")
    return {
        "agrees": values[0] == values[1],
        "bytes": [len(base64.b64decode(key)) for key in values[0]["keys"].values()],
        "current_is_known": values[0]["current"] in values[0]["keys"],
        "encrypted_by": described["KmsKeyId"],
    }


def logs() -> list[dict]:
    return client("logs").describe_log_groups(logGroupNamePrefix=NAME)["logGroups"]


def everything() -> dict:
    return {
        "alarms": alarms(),
        "balancer": balancer(),
        "bundle": bundle(),
        "dead_queue": queue(f"{NAME}-dead"),
        "group": group(),
        "logs": logs(),
        "queue": queue(NAME),
        "secret": secret(),
        "template": template(),
    }


def left() -> list[str]:
    elb, templates = client("elbv2"), client("ec2").describe_launch_templates()["LaunchTemplates"]
    groups = client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[NAME])["AutoScalingGroups"]
    names = [
        *(item["LoadBalancerName"] for item in elb.describe_load_balancers()["LoadBalancers"]),
        *(item["TargetGroupName"] for item in elb.describe_target_groups()["TargetGroups"]),
        *(url.rpartition("/")[2] for url in client("sqs").list_queues(QueueNamePrefix=NAME).get("QueueUrls", [])),
        *(item["LaunchTemplateName"] for item in templates),
        *(item["AutoScalingGroupName"] for item in groups),
        *(f"{NAME}-{thing}" for thing in alarms()),
        *(item["logGroupName"] for item in logs()),
    ]
    return [name for name in names if name.startswith(CUT)]


if __name__ == "__main__":
    print(json.dumps(left() if sys.argv[2:] == ["left"] else everything(), default=str))
