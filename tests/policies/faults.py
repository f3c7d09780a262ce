# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Resources with faults that Checkov has to find, so that silence about the others means something."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

PREFIX = "checkov-faults"

_EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
_ANYBODY = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}

# The checks that must report the faults below: one at least of each reader in read_back.
FOUND_BY = {
    ("CKV_AWS_24", "AWS::EC2::SecurityGroup"),
    ("CKV_AWS_23", "AWS::EC2::SecurityGroup"),
    ("CKV_AWS_79", "AWS::EC2::LaunchTemplate"),
    ("CKV_AWS_46", "AWS::EC2::Instance"),
    ("CKV_AWS_18", "AWS::S3::Bucket"),
    ("CKV_AWS_20", "AWS::S3::Bucket"),
    ("CKV_AWS_21", "AWS::S3::Bucket"),
    ("CKV_AWS_54", "AWS::S3::Bucket"),
    ("CKV_AWS_7", "AWS::KMS::Key"),
    ("CKV_AWS_33", "AWS::KMS::Key"),
    ("CKV_AWS_66", "AWS::Logs::LogGroup"),
    ("CKV_AWS_158", "AWS::Logs::LogGroup"),
    ("CKV_AWS_28", "AWS::DynamoDB::Table"),
    ("CKV_AWS_119", "AWS::DynamoDB::Table"),
    ("CKV_AWS_192", "AWS::WAFv2::WebACL"),
    ("CKV2_AWS_71", "AWS::CertificateManager::Certificate"),
    ("CKV_AWS_60", "AWS::IAM::Role"),
    ("CKV_AWS_62", "AWS::IAM::Role"),
    ("CKV_AWS_63", "AWS::IAM::Role"),
    ("CKV_AWS_110", "AWS::IAM::ManagedPolicy"),
    ("CKV_AWS_111", "AWS::IAM::ManagedPolicy"),
}


def make_faults(client: Callable, region: str) -> None:
    """Make them in a region; their names begin with PREFIX."""
    _network(client("ec2", region))
    _stores(client, region)
    _web(client, region)
    _identities(client("iam", region))


def _document(*statements: dict) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def _tags(kind: str) -> list[dict]:
    return [{"ResourceType": kind, "Tags": [{"Key": "Name", "Value": PREFIX}]}]


def _network(ec2) -> None:
    vpc = ec2.create_vpc(CidrBlock="10.99.0.0/16", TagSpecifications=_tags("vpc"))["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.99.0.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName=PREFIX, Description="Open", VpcId=vpc)["GroupId"]
    ssh = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[ssh])
    # AWS's documentation has this key as its example.
    secret = "export AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    image = ec2.describe_images()["Images"][0]["ImageId"]
    ec2.create_launch_template(
        LaunchTemplateName=PREFIX,
        LaunchTemplateData={"ImageId": image, "UserData": base64.b64encode(secret.encode()).decode()},
    )
    ec2.run_instances(
        ImageId=image,
        MinCount=1,
        MaxCount=1,
        SubnetId=subnet,
        UserData=secret,
        TagSpecifications=_tags("instance"),
    )


def _stores(client: Callable, region: str) -> None:
    s3, kms = client("s3", region), client("kms", region)
    place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=PREFIX, ObjectOwnership="ObjectWriter", **place)
    s3.delete_public_access_block(Bucket=PREFIX)
    s3.put_bucket_acl(Bucket=PREFIX, ACL="public-read")
    anybody = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"}
    key = kms.create_key(Policy=_document(anybody))["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName=f"alias/{PREFIX}", TargetKeyId=key)
    client("logs", region).create_log_group(logGroupName=PREFIX)
    client("dynamodb", region).create_table(
        TableName=PREFIX,
        KeySchema=[{"AttributeName": "name", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "name", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


def _web(client: Callable, region: str) -> None:
    visible = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": PREFIX}
    client("wafv2", region).create_web_acl(
        Name=PREFIX, Scope="REGIONAL", DefaultAction={"Allow": {}}, Rules=[], VisibilityConfig=visible
    )
    client("acm", region).request_certificate(
        DomainName=f"*.{PREFIX}.example", ValidationMethod="DNS", Tags=[{"Key": "Name", "Value": PREFIX}]
    )


def _identities(iam) -> None:
    iam.create_role(RoleName=PREFIX, AssumeRolePolicyDocument=_document(_ANYBODY))
    iam.put_role_policy(RoleName=PREFIX, PolicyName="everything", PolicyDocument=_document(_EVERYTHING))
    wide = {"Effect": "Allow", "Action": ["iam:CreatePolicyVersion", "s3:PutObject"], "Resource": "*"}
    iam.create_policy(PolicyName=PREFIX, PolicyDocument=_document(wide))
