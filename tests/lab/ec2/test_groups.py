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

import dns.message
import dns.query
import pytest

from lab.settings import CHECKOUT
from tests.support.groups import Group
from tests.support.labs import running_lab
from tests.support.machines import LISTENER, Place, fetched, inside, make_place, root_key, wait_for

_NAME = "serving"
_SCRIPT = f"#!/bin/sh\nset -ex\nmkdir -p /srv\necho ok >/srv/healthz\n{LISTENER}\n"
_METRIC = {"Namespace": "Media", "MetricName": "BacklogPerInstance"}
_DOMAIN, _HOST = "serving.example", "play.serving.example"
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
    elb = place.api("elbv2")
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
    elsewhere = place.api("ec2").create_subnet(
        VpcId=place.vpc, CidrBlock="10.30.96.0/20", AvailabilityZone="me-west-1b"
    )["Subnet"]["SubnetId"]
    balancer = elb.create_load_balancer(Name=_NAME, Subnets=[place.subnets["public"], elsewhere])["LoadBalancers"][0]
    elb.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"],
        Protocol="HTTPS",
        Port=443,
        Certificates=[{"CertificateArn": _certificate(place)}],
        DefaultActions=[{"Type": "forward", "TargetGroupArn": made}],
    )
    redirect = {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}
    elb.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"],
        Protocol="HTTP",
        Port=80,
        DefaultActions=[{"Type": "redirect", "RedirectConfig": redirect}],
    )
    _alias(place, balancer)
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


@pytest.fixture(scope="module")
def client(place) -> str:
    """A machine beside the group's."""
    launched = place.launch("data")
    wait_for("the client", lambda: place.state(launched) == "running")
    return launched


def _certificate(place: Place) -> str:
    """One of ACM's, issued by what the lab's DNS shows."""
    acm, route53 = place.api("acm"), place.clients("route53", "us-east-1", key=root_key())
    zone = route53.create_hosted_zone(Name=_DOMAIN, CallerReference=_DOMAIN)["HostedZone"]["Id"]
    arn = acm.request_certificate(DomainName=_HOST, ValidationMethod="DNS")["CertificateArn"]

    def described() -> dict:
        return acm.describe_certificate(CertificateArn=arn)["Certificate"]

    record = wait_for("the record", lambda: described()["DomainValidationOptions"][0].get("ResourceRecord"))
    wanted = {
        "Name": record["Name"],
        "Type": "CNAME",
        "TTL": 60,
        "ResourceRecords": [{"Value": record["Value"]}],
    }
    changes = [{"Action": "UPSERT", "ResourceRecordSet": wanted}]
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})
    wait_for("the certificate", lambda: described()["Status"] == "ISSUED")
    return arn


def _alias(place: Place, balancer: dict) -> None:
    route53 = place.clients("route53", "us-east-1", key=root_key())
    zone = route53.list_hosted_zones_by_name(DNSName=_DOMAIN)["HostedZones"][0]["Id"]
    target = {
        "HostedZoneId": balancer["CanonicalHostedZoneId"],
        "DNSName": f"dualstack.{balancer['DNSName']}",
        "EvaluateTargetHealth": True,
    }
    changes = [{"Action": "UPSERT", "ResourceRecordSet": {"Name": _HOST, "Type": "A", "AliasTarget": target}}]
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})


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


def test_it_is_reached_through_its_load_balancer(serving, client):
    """By TLS under the name of its certificate, from a machine that trusts the lab's authority; AWS's name of it resolves."""
    (balancer,) = serving.place.api("elbv2").describe_load_balancers(Names=[_NAME])["LoadBalancers"]
    name = balancer["DNSName"]
    address = wait_for("its name", lambda: inside(client, "getent", "ahostsv4", name).stdout.partition(" ")[0])
    outside = dns.query.udp(dns.message.make_query(_HOST, "A"), "127.0.0.1", port=_dns_port(serving.place))
    assert outside.answer[0].to_rdataset()[0].address == address
    ask = _asking(name)
    wait_for(
        "the lab's authority", lambda: inside(client, *ask, f"https://{_HOST}/healthz").stdout == "ok\n", timeout=30
    )
    redirected = inside(client, *ask, "--write-out", "%{http_code} %{redirect_url}", f"http://{_HOST}/healthz?a=b")
    assert redirected.stdout.endswith(f"301 https://{_HOST}:443/healthz?a=b")
    wrong = inside(client, "curl", "--silent", "--show-error", f"https://{name}/healthz")
    assert "no alternative certificate subject name" in wrong.stderr


def _asking(name: str) -> tuple[str, ...]:
    """Ask by the name of the certificate, which only the lab's outer DNS knows, at the load balancer's own."""
    connect = ("--connect-to", f"{_HOST}:443:{name}:443", "--connect-to", f"{_HOST}:80:{name}:80")
    return ("curl", "--silent", "--show-error", "--fail", "--max-time", "5", *connect)


def _dns_port(place: Place) -> int:
    return int(place.clients.stack.dns_server.rpartition(":")[2])


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


def test_a_refresh_brings_the_new_one_first_and_lets_the_old_one_finish(serving, client):
    """And whoever asks through the load balancer meanwhile is always answered."""
    (old,) = serving.healthy()
    (balancer,) = serving.place.api("elbv2").describe_load_balancers(Names=[_NAME])["LoadBalancers"]
    ask = f"{' '.join(_asking(balancer['DNSName']))} https://{_HOST}/healthz || echo failed"
    inside(client, "systemd-run", "--unit=asking", "sh", "-c", f"while sleep 0.2; do {ask}; done >/srv/answers 2>&1")
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
    answers = inside(client, "cat", "/srv/answers").stdout.splitlines()
    assert set(answers) == {"ok"}
    assert len(answers) > 10


def test_a_group_that_is_deleted_leaves_nothing(serving):
    serving.group.delete()
    wait_for("the end of its instances", lambda: not _living(serving))
    assert serving.targets() == {}


def _living(serving: Serving) -> list[str]:
    of_group = [{"Name": "tag:aws:autoscaling:groupName", "Values": [_NAME]}]
    pages = serving.place.api("ec2").describe_instances(Filters=of_group)["Reservations"]
    states = {item["InstanceId"]: item["State"]["Name"] for page in pages for item in page["Instances"]}
    return [name for name, state in states.items() if state != "terminated"]
