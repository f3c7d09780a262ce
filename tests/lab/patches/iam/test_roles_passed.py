# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors

from __future__ import annotations

import json
import uuid

from tests.support.rights import ACCOUNT, allowed, user_with


def _role(clients, name: str, service: str) -> str:
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    return clients("iam", "us-east-1").create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]


def _to(*services: str) -> dict:
    """The right to pass roles to services."""
    named = {"StringEquals": {"iam:PassedToService": [f"{service}.amazonaws.com" for service in services]}}
    return {"Action": "iam:PassRole", "Resource": f"arn:aws:iam::{ACCOUNT}:role/*", "Condition": named}


def _flow_logs(clients, role: str, *passing: dict) -> bool:
    ec2 = clients("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    own = {"Action": ["ec2:CreateFlowLogs"], "Resource": "*"}
    user = clients("ec2", key=user_with(clients, [own, *passing])[1])
    group = {"LogGroupName": "flow", "TrafficType": "ALL", "DeliverLogsPermissionArn": role}
    return allowed(user.create_flow_logs, ResourceIds=[vpc], ResourceType="VPC", **group)


def _replication(clients, role: str, *passing: dict) -> bool:
    s3, unique = clients("s3"), uuid.uuid4().hex[:8]
    for name in (f"from-{unique}", f"to-{unique}"):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "me-west-1"})
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    rule = {
        "ID": "all",
        "Status": "Enabled",
        "Priority": 1,
        "Filter": {"Prefix": ""},
        "DeleteMarkerReplication": {"Status": "Disabled"},
        "Destination": {"Bucket": f"arn:aws:s3:::to-{unique}"},
    }
    own = {"Action": "s3:PutReplicationConfiguration", "Resource": "*"}
    user = clients("s3", key=user_with(clients, [own, *passing])[1])
    configuration = {"Role": role, "Rules": [rule]}
    return allowed(user.put_bucket_replication, Bucket=f"from-{unique}", ReplicationConfiguration=configuration)


def _profile(clients, role: str, *passing: dict) -> bool:
    name = f"profile-{uuid.uuid4().hex[:8]}"
    clients("iam", "us-east-1").create_instance_profile(InstanceProfileName=name)
    own = {"Action": "iam:AddRoleToInstanceProfile", "Resource": "*"}
    user = clients("iam", "us-east-1", key=user_with(clients, [own, *passing])[1])
    role_name = role.rpartition("/")[2]
    return allowed(user.add_role_to_instance_profile, InstanceProfileName=name, RoleName=role_name)


def aws_behaviour(clients) -> bool:
    """A role is given to a service only by who may pass it to that service."""
    unique = uuid.uuid4().hex[:8]
    found = []
    for give, service in ((_flow_logs, "vpc-flow-logs"), (_replication, "s3"), (_profile, "ec2")):
        role = _role(clients, f"{service}-{unique}", f"{service}.amazonaws.com")
        found.append([give(clients, role), give(clients, role, _to("lambda")), give(clients, role, _to(service))])
    return found == [[False, False, True]] * 3


def test_iam_roles_passed(patched_only):
    patched_only("iam.roles_passed", aws_behaviour)
