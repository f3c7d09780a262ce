# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""What the tagging API finds, by kind: so that a tier that is added later isn't passed over."""

from __future__ import annotations

import re
import typing as t

# The kinds of resources that roles tag, and what CloudFormation calls them.
KINDS = {
    "acm:certificate": "AWS::CertificateManager::Certificate",
    "dynamodb:table": "AWS::DynamoDB::Table",
    "ec2:elastic-ip": "AWS::EC2::EIP",
    "ec2:instance": "AWS::EC2::Instance",
    "ec2:internet-gateway": "AWS::EC2::InternetGateway",
    "ec2:launch-template": "AWS::EC2::LaunchTemplate",
    "ec2:natgateway": "AWS::EC2::NatGateway",
    "ec2:network-acl": "AWS::EC2::NetworkAcl",
    "ec2:route-table": "AWS::EC2::RouteTable",
    "ec2:security-group": "AWS::EC2::SecurityGroup",
    "ec2:subnet": "AWS::EC2::Subnet",
    "ec2:vpc": "AWS::EC2::VPC",
    "ec2:vpc-endpoint": "AWS::EC2::VPCEndpoint",
    "ec2:vpc-flow-log": "AWS::EC2::FlowLog",
    "elasticloadbalancing:listener": "AWS::ElasticLoadBalancingV2::Listener",
    "elasticloadbalancing:loadbalancer": "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "elasticloadbalancing:targetgroup": "AWS::ElasticLoadBalancingV2::TargetGroup",
    "kms:key": "AWS::KMS::Key",
    "logs:log-group": "AWS::Logs::LogGroup",
    "rds:db": "AWS::RDS::DBInstance",
    "rds:pg": "AWS::RDS::DBParameterGroup",
    "rds:subgrp": "AWS::RDS::DBSubnetGroup",
    "route53:hostedzone": "AWS::Route53::HostedZone",
    "s3": "AWS::S3::Bucket",
    "secretsmanager:secret": "AWS::SecretsManager::Secret",
    "sqs": "AWS::SQS::Queue",
}


def tagged_kinds(tagging: t.Any, tags: dict[str, str]) -> set[str]:
    """The kinds of a region's resources that have these tags, as KINDS writes them."""
    filters = [{"Key": key, "Values": [value]} for key, value in tags.items()]
    pages = tagging.get_paginator("get_resources").paginate(TagFilters=filters)
    return {_kind(found["ResourceARN"]) for page in pages for found in page["ResourceTagMappingList"]}


def _kind(arn: str) -> str:
    _, _, service, _, _, resource = arn.split(":", 5)
    # The ARNs of buckets and queues have nothing but their names there.
    return service if service in ("s3", "sqs") else f"{service}:{re.split('[:/]', resource)[0]}"
