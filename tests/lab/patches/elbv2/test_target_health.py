# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import time

from tests.support.groups import make_group


def aws_behaviour(clients) -> bool:
    """Not used without a listener; without a reconciler healthy with one; draining for its delay, and then gone."""
    group = make_group(clients, "health", "10.88", 1)
    elb, ec2 = group.api("elbv2"), group.api("ec2")
    (instance,) = group.instances()
    made = elb.create_target_group(Name="health", Protocol="HTTPS", Port=8443, VpcId=group.vpc)["TargetGroups"][0]
    arn, target = made["TargetGroupArn"], [{"Id": instance}]
    delay = [{"Key": "deregistration_delay.timeout_seconds", "Value": "1"}]
    elb.modify_target_group_attributes(TargetGroupArn=arn, Attributes=delay)

    def shown() -> list[tuple]:
        found = elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
        return [(item["Target"]["Port"], item["TargetHealth"]["State"]) for item in found]

    elb.register_targets(TargetGroupArn=arn, Targets=target)
    unused = shown()
    subnets = group.described()["VPCZoneIdentifier"].split(",")
    balancer = elb.create_load_balancer(Name="health", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    forward = [{"Type": "forward", "TargetGroupArn": arn}]
    elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=forward)
    used = shown()
    ec2.stop_instances(InstanceIds=[instance])
    stopped = shown()
    elb.deregister_targets(TargetGroupArn=arn, Targets=target)
    draining = shown()
    time.sleep(1.1)
    gone = shown()
    elb.delete_load_balancer(LoadBalancerArn=balancer)
    group.delete()
    return [unused, used, stopped, draining, gone] == [
        [(8443, "unused")],
        [(8443, "healthy")],
        [(8443, "unused")],
        [(8443, "draining")],
        [],
    ]


def test_elbv2_target_health(patched_only):
    patched_only("elbv2.target_health", aws_behaviour)
