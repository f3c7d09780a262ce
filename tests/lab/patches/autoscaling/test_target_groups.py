# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import time

from tests.support.groups import make_group


def aws_behaviour(clients) -> bool:
    """What is in service is registered; what leaves drains before it ends; what is detached is taken out."""
    group = make_group(clients, "targeted", "10.87", 2)
    scaling, elb, name = group.api(), group.api("elbv2"), {"AutoScalingGroupName": group.name}
    made = elb.create_target_group(Name="targeted", Protocol="HTTPS", Port=8443, VpcId=group.vpc)["TargetGroups"][0]
    arn = made["TargetGroupArn"]
    delay = [{"Key": "deregistration_delay.timeout_seconds", "Value": "1"}]
    elb.modify_target_group_attributes(TargetGroupArn=arn, Attributes=delay)

    def targets() -> dict[str, str]:
        found = elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
        return {item["Target"]["Id"]: item["TargetHealth"]["State"] for item in found}

    try:
        scaling.attach_load_balancer_target_groups(**name, TargetGroupARNs=[arn])
    except scaling.exceptions.ClientError:
        return False
    first, second = group.instances()
    registered = set(targets()) == {first, second}
    attached = scaling.describe_load_balancer_target_groups(**name)["LoadBalancerTargetGroups"]
    scaling.set_desired_capacity(**name, DesiredCapacity=1)
    states, during = group.states(), targets()
    waits = group.activities()[0]["StatusCode"]
    time.sleep(1.1)
    after, left = group.states(), targets()
    scaling.detach_load_balancer_target_groups(**name, TargetGroupARNs=[arn])
    detached = targets()
    group.delete()
    return (
        registered
        and attached == [{"LoadBalancerTargetGroupARN": arn, "State": "InService"}]
        and (states[first], during[first], waits) == ("Terminating", "draining", "WaitingForELBConnectionDraining")
        and (set(after), set(left)) == ({second}, {second})
        and detached == {second: "draining"}
    )


def test_auto_scaling_target_groups(patched_only):
    patched_only("autoscaling.target_groups", aws_behaviour)
