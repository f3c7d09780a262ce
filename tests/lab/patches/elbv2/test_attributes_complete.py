# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations


def aws_behaviour(clients) -> bool:
    """What nobody set has AWS's value, and what somebody set has theirs."""
    balancing, computing = clients("elbv2"), clients("ec2")
    network = computing.create_vpc(CidrBlock="10.94.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        computing.create_subnet(VpcId=network, CidrBlock=cidr, AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for cidr, zone in (("10.94.0.0/24", "me-west-1a"), ("10.94.1.0/24", "me-west-1b"))
    ]
    balancer = balancing.create_load_balancer(Name="complete", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    group = balancing.create_target_group(Name="complete", Protocol="HTTPS", Port=8443, VpcId=network)
    group_arn = group["TargetGroups"][0]["TargetGroupArn"]
    drop = "routing.http.drop_invalid_header_fields.enabled"
    balancing.modify_load_balancer_attributes(LoadBalancerArn=balancer, Attributes=[{"Key": drop, "Value": "true"}])
    of_balancer = balancing.describe_load_balancer_attributes(LoadBalancerArn=balancer)["Attributes"]
    of_group = balancing.describe_target_group_attributes(TargetGroupArn=group_arn)["Attributes"]
    told = {attribute["Key"]: attribute["Value"] for attribute in of_balancer + of_group}
    wanted = {drop: "true", "routing.http2.enabled": "true", "load_balancing.algorithm.type": "round_robin"}
    return told | wanted == told


def test_elbv2_attributes_complete(patched_only):
    patched_only("elbv2.attributes_complete", aws_behaviour)
