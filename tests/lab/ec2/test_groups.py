# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Auto Scaling groups whose instances are there: probed, scaled, interrupted, drained, refreshed. The tests follow one another."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from lab.settings import CHECKOUT
from tests.support.groups import Group
from tests.support.labs import running_lab
from tests.support.machines import LISTENER, Place, fetched, inside, make_place, wait_for

_NAME = "serving"
_SCRIPT = f"#!/bin/sh\nset -ex\nmkdir -p /srv\necho ok >/srv/healthz\n{LISTENER}\n"
_METRIC = {"Namespace": "Media", "MetricName": "BacklogPerInstance"}
_METADATA = "http://169.254.169.254/latest/meta-data"


@dataclass(frozen=True)
class Serving:
    """A group of spot instances behind a load balancer's target group."""

    place: Place
    group: Group
    target_group: str

    def targets(self) -> dict[str, str]:
        found = self.group.api("elbv2").describe_target_health(TargetGroupArn=self.target_group)
        return {item["Target"]["Id"]: item["TargetHealth"]["State"] for item in found["TargetHealthDescriptions"]}

    def healthy(self) -> list[str]:
        return [name for name, state in self.targets().items() if state == "healthy"]


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Iterator[Place]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAB_ALARM_MINUTE_SECONDS", "2")
        with running_lab(tmp_path_factory.mktemp("lab"), instances=True) as clients:
            yield make_place(clients, "me-west-1", "10.30.0.0/16")


@pytest.fixture(scope="module")
def serving(place) -> Serving:
    elb, subnets = place.api("elbv2"), [place.subnets["public"], place.subnets["private"]]
    made = elb.create_target_group(
        Name=_NAME,
        Protocol="HTTP",
        Port=8080,
        VpcId=place.vpc,
        HealthCheckPath="/healthz",
        HealthCheckIntervalSeconds=5,
        HealthCheckTimeoutSeconds=4,
        HealthyThresholdCount=2,
        UnhealthyThresholdCount=2,
    )["TargetGroups"][0]["TargetGroupArn"]
    delay = [{"Key": "deregistration_delay.timeout_seconds", "Value": "3"}]
    elb.modify_target_group_attributes(TargetGroupArn=made, Attributes=delay)
    balancer = elb.create_load_balancer(Name=_NAME, Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    forward = [{"Type": "forward", "TargetGroupArn": made}]
    elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=forward)
    data = {
        "ImageId": "ami-0abcdef1234567890",
        "InstanceType": "t3.small",
        "UserData": base64.b64encode(_SCRIPT.encode()).decode(),
    }
    place.api("ec2").create_launch_template(LaunchTemplateName=_NAME, LaunchTemplateData=data)
    specification = {"LaunchTemplateName": _NAME, "Version": "$Latest"}
    group = Group(place.clients, _NAME, place.vpc)
    group.api().create_auto_scaling_group(
        AutoScalingGroupName=_NAME,
        MinSize=1,
        MaxSize=2,
        DesiredCapacity=1,
        VPCZoneIdentifier=place.subnets["private"],
        MixedInstancesPolicy={
            "LaunchTemplate": {
                "LaunchTemplateSpecification": specification,
                "Overrides": [{"InstanceType": "c7i.large"}],
            },
            "InstancesDistribution": {"OnDemandPercentageAboveBaseCapacity": 0},
        },
        HealthCheckType="ELB",
        HealthCheckGracePeriod=30,
        TargetGroupARNs=[made],
    )
    return Serving(place, group, made)


def _activity(serving: Serving, instance: str, verb: str) -> dict:
    return next(item for item in serving.group.activities() if item["Description"] == f"{verb}: {instance}")


def test_a_target_is_healthy_once_it_answers(serving):
    (instance,) = wait_for("a healthy target", serving.healthy)
    assert serving.group.states() == {instance: "InService"}
    described = serving.place.described(instance)
    assert (described["InstanceLifecycle"], described["InstanceType"]) == ("spot", "c7i.large")
    assert fetched(instance, f"{_METADATA}/instance-life-cycle") == "spot"
    assert fetched(instance, f"{_METADATA}/autoscaling/target-lifecycle-state") == "InService"
    assert _activity(serving, instance, "Launching a new EC2 instance")["StatusCode"] == "Successful"


def test_one_that_no_longer_answers_is_drained_and_replaced(serving):
    (first,) = serving.healthy()
    assert inside(first, "rm", "/srv/healthz").returncode == 0
    seen = set()

    def replaced() -> list[str]:
        seen.add((serving.group.states().get(first), serving.targets().get(first)))
        return [name for name in serving.healthy() if name != first]

    (second,) = wait_for("another target", replaced)
    assert ("Terminating", "draining") in seen
    wait_for("the end of the first", lambda: serving.place.state(first) == "terminated")
    assert "ELB system health check failure" in _activity(serving, first, "Terminating EC2 instance")["Cause"]
    assert serving.group.states() == {second: "InService"}


def test_a_backlog_makes_the_group_grow(serving):
    serving.group.api().put_scaling_policy(
        AutoScalingGroupName=_NAME,
        PolicyName="backlog",
        PolicyType="TargetTrackingScaling",
        EstimatedInstanceWarmup=1,
        TargetTrackingConfiguration={
            "CustomizedMetricSpecification": {**_METRIC, "Statistic": "Average"},
            "TargetValue": 10.0,
        },
    )

    def grown() -> bool:
        _publish(serving, 25.0)
        return serving.group.described()["DesiredCapacity"] == 2

    wait_for("a larger group", grown, timeout=30)
    wait_for("two healthy targets", lambda: len(serving.healthy()) == 2)

    def shrunk() -> bool:
        _publish(serving, 1.0)
        return serving.group.described()["DesiredCapacity"] == 1

    wait_for("a smaller group", shrunk, timeout=60)
    wait_for("one target", lambda: len(serving.targets()) == 1)
    serving.group.api().delete_policy(AutoScalingGroupName=_NAME, PolicyName="backlog")


def _publish(serving: Serving, value: float) -> None:
    data = [{"MetricName": _METRIC["MetricName"], "Value": value}]
    serving.group.api("cloudwatch").put_metric_data(Namespace=_METRIC["Namespace"], MetricData=data)


def test_a_spot_instance_hears_of_its_end(serving):
    (instance,) = serving.healthy()
    assert fetched(instance, f"{_METADATA}/spot/instance-action") is None
    _lab(serving, "interrupt", instance, "--seconds", "6")
    notice = wait_for("the notice", lambda: fetched(instance, f"{_METADATA}/spot/instance-action"))
    assert json.loads(notice)["action"] == "terminate"
    wait_for("its end", lambda: serving.place.state(instance) == "terminated")
    assert serving.place.described(instance)["StateReason"]["Code"] == "Server.SpotInstanceTermination"
    wait_for("another one", lambda: [name for name in serving.healthy() if name != instance])


def _lab(serving: Serving, *arguments: str) -> None:
    environment = serving.place.clients.environment()
    subprocess.run([sys.executable, "-m", "lab", *arguments], cwd=CHECKOUT, env=environment, check=True)


def test_a_refresh_brings_the_new_one_first_and_lets_the_old_one_finish(serving):
    (old,) = serving.healthy()
    scaling = serving.group.api()
    hook = {"AutoScalingGroupName": _NAME, "LifecycleHookName": "finish"}
    scaling.put_lifecycle_hook(
        **hook,
        LifecycleTransition="autoscaling:EC2_INSTANCE_TERMINATING",
        HeartbeatTimeout=60,
        DefaultResult="CONTINUE",
    )
    scaling.start_instance_refresh(
        AutoScalingGroupName=_NAME,
        Preferences={"MinHealthyPercentage": 100, "MaxHealthyPercentage": 200, "InstanceWarmup": 1},
    )
    healthy: list[int] = []
    seen: list[str] = []

    def waits() -> bool:
        healthy.append(len(serving.healthy()))
        seen.append(f"{serving.targets()} {serving.group.states()}")
        return serving.group.states().get(old) == "Terminating:Wait"

    wait_for("the old one to wait", waits)
    assert all(healthy), "\n".join(seen)
    assert fetched(old, f"{_METADATA}/autoscaling/target-lifecycle-state") == "Terminated"
    assert serving.place.state(old) == "running"
    time.sleep(1)
    assert serving.group.states()[old] == "Terminating:Wait"
    scaling.complete_lifecycle_action(**hook, InstanceId=old, LifecycleActionResult="CONTINUE")
    wait_for("the end of the old one", lambda: serving.place.state(old) == "terminated")

    def ended() -> bool:
        found = scaling.describe_instance_refreshes(AutoScalingGroupName=_NAME)["InstanceRefreshes"][0]
        return (found["Status"], found["PercentageComplete"]) == ("Successful", 100)

    wait_for("the refresh's end", ended)


def test_a_group_that_is_deleted_leaves_nothing(serving):
    serving.group.delete()
    wait_for("the end of its instances", lambda: not _living(serving))
    assert serving.targets() == {}


def _living(serving: Serving) -> list[str]:
    pages = serving.place.api("ec2").describe_instances()["Reservations"]
    states = {item["InstanceId"]: item["State"]["Name"] for page in pages for item in page["Instances"]}
    return [name for name, state in states.items() if state != "terminated"]
