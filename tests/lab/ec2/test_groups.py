# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Auto Scaling groups whose instances are there: probed, scaled, refreshed, drained, interrupted. The tests follow one another."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import datetime

import dns.message
import dns.query
import pytest

from tests.support.labs import running_lab
from tests.support.machines import Place, fetched, inside, make_place, wait_for
from tests.support.serving_groups import HOST, NAME, USER_DATA, Serving, make_serving

_METADATA = "http://169.254.169.254/latest/meta-data"
_ACTION, _ADVICE = f"{_METADATA}/spot/instance-action", f"{_METADATA}/events/recommendations/rebalance"
_HOOK, _HEARTBEAT_S = {"AutoScalingGroupName": NAME, "LifecycleHookName": "finish"}, 30
_JOBS = 9


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Iterator[Place]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAB_ALARM_MINUTE_SECONDS", "1")
        with running_lab(tmp_path_factory.mktemp("lab"), instances=True) as clients:
            yield make_place(clients, "me-west-1", "10.30.0.0/16")


@pytest.fixture(scope="module")
def serving(place) -> Serving:
    return make_serving(place)


@pytest.fixture(scope="module")
def client(place) -> str:
    """A machine beside the group's."""
    launched = place.launch("data")
    wait_for("the client", lambda: place.state(launched) == "running")
    return launched


@pytest.fixture(scope="module")
def queue(place) -> str:
    return place.api("sqs").create_queue(QueueName=NAME)["QueueUrl"]


def test_a_target_is_healthy_once_it_answers(serving, client):
    (instance,) = wait_for("a healthy target", serving.healthy)
    assert serving.group.states() == {instance: "InService"}
    described = serving.place.described(instance)
    assert (described["InstanceLifecycle"], described["InstanceType"]) == ("spot", "c7i.large")
    assert fetched(instance, f"{_METADATA}/instance-life-cycle") == "spot"
    assert fetched(instance, f"{_METADATA}/autoscaling/target-lifecycle-state") == "InService"
    assert serving.activity("Launching a new EC2 instance", instance)["StatusCode"] == "Successful"


def test_it_is_reached_through_its_load_balancer(serving, client):
    """By TLS under the name of its certificate, from a machine that trusts the lab's authority; AWS's name of it resolves."""
    name = serving.balancer
    address = wait_for("its name", lambda: inside(client, "getent", "ahostsv4", name).stdout.partition(" ")[0])
    port = int(serving.place.clients.stack.dns_server.rpartition(":")[2])
    outside = dns.query.udp(dns.message.make_query(HOST, "A"), "127.0.0.1", port=port)
    assert outside.answer[0].to_rdataset()[0].address == address
    ask = serving.asking()
    wait_for(
        "the lab's authority", lambda: inside(client, *ask, f"https://{HOST}/healthz").stdout == "ok\n", timeout=30
    )
    redirected = inside(client, *ask, "--write-out", "%{http_code} %{redirect_url}", f"http://{HOST}/healthz?a=b")
    assert redirected.stdout.endswith(f"301 https://{HOST}:443/healthz?a=b")
    wrong = inside(client, "curl", "--silent", "--show-error", f"https://{name}/healthz")
    assert "no alternative certificate subject name" in wrong.stderr
    unknown = inside(client, "curl", "--silent", "--insecure", "--write-out", "%{http_code}", f"https://{name}/healthz")
    assert unknown.stdout.endswith("404")


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
    assert "ELB system health check failure" in serving.activity("Terminating EC2 instance", first)["Cause"]
    assert serving.group.states() == {second: "InService"}


def test_a_backlog_makes_the_group_grow_over_its_zones(serving, queue):
    """By the length of the queue for each instance, as role media tracks it."""
    scaling = serving.group.api()
    scaling.enable_metrics_collection(
        AutoScalingGroupName=NAME, Granularity="1Minute", Metrics=["GroupInServiceInstances"]
    )
    metrics = [
        _metric("jobs", "AWS/SQS", "ApproximateNumberOfMessagesVisible", QueueName=NAME),
        _metric("hosts", "AWS/AutoScaling", "GroupInServiceInstances", AutoScalingGroupName=NAME),
        {"Id": "jobs_per_host", "Expression": "IF(hosts > 0, jobs / hosts, jobs * 3)", "ReturnData": True},
    ]
    scaling.put_scaling_policy(
        AutoScalingGroupName=NAME,
        PolicyName="backlog",
        PolicyType="TargetTrackingScaling",
        EstimatedInstanceWarmup=1,
        TargetTrackingConfiguration={"TargetValue": 2.0, "CustomizedMetricSpecification": {"Metrics": metrics}},
    )
    for number in range(_JOBS):
        serving.place.api("sqs").send_message(QueueUrl=queue, MessageBody=str(number))
    wait_for("a larger group", lambda: serving.group.described()["DesiredCapacity"] == 2, timeout=30)
    wait_for("two healthy targets", lambda: len(serving.healthy()) == 2)
    described = [serving.place.described(instance) for instance in serving.healthy()]
    assert sorted(item["Placement"]["AvailabilityZone"] for item in described) == list(serving.zones)
    assert any("triggered policy backlog" in activity["Cause"] for activity in serving.group.activities())


def _metric(name: str, namespace: str, metric: str, **dimensions: str) -> dict:
    named = [{"Name": key, "Value": value} for key, value in dimensions.items()]
    read = {"Metric": {"Namespace": namespace, "MetricName": metric, "Dimensions": named}, "Stat": "Average"}
    return {"Id": name, "MetricStat": read, "ReturnData": False}


def test_a_refresh_replaces_every_instance_and_lets_each_finish(serving, client):
    """New ones come first, never fewer than two serve, the old ones wait for their hook, and whoever asks is always answered."""
    before = set(serving.healthy())
    scaling = serving.group.api()
    scaling.put_lifecycle_hook(
        **_HOOK,
        LifecycleTransition="autoscaling:EC2_INSTANCE_TERMINATING",
        HeartbeatTimeout=_HEARTBEAT_S,
        DefaultResult="CONTINUE",
    )
    version = serving.group.new_version(UserData=USER_DATA)
    _ask_on(serving, client)
    _start_refresh(serving, MinHealthyPercentage=100, MaxHealthyPercentage=150)
    served, finished = [], set()

    def ended() -> bool:
        served.append(len(serving.healthy()))
        for instance in serving.group.instances("Terminating:Wait"):
            assert serving.place.state(instance) == "running"
            assert fetched(instance, f"{_METADATA}/autoscaling/target-lifecycle-state") == "Terminated"
            scaling.complete_lifecycle_action(**_HOOK, InstanceId=instance, LifecycleActionResult="CONTINUE")
            finished.add(instance)
        return _refresh_ended(serving)

    wait_for("the refresh's end", ended)
    wait_for("the end of the old ones", lambda: not before & set(serving.living()))
    after = set(serving.healthy())
    assert (finished, min(served), len(after)) == (before, 2, 2)
    versions = [item["LaunchTemplate"]["Version"] for item in serving.group.described()["Instances"]]
    assert versions == [version, version]
    answers = inside(client, "cat", "/srv/answers").stdout.splitlines()
    assert set(answers) == {"ok"}
    assert len(answers) > 10
    _start_refresh(serving, SkipMatching=True)
    wait_for("the end of a refresh of nothing", lambda: _refresh_ended(serving), timeout=30)
    assert set(serving.healthy()) == after


def _ask_on(serving: Serving, client: str) -> None:
    """Let the client ask through the load balancer from now on."""
    ask = f"{' '.join(serving.asking())} https://{HOST}/healthz || echo failed"
    loop = f"while sleep 0.2; do {ask}; done >/srv/answers 2>&1"
    assert inside(client, "systemd-run", "--unit=asking", "sh", "-c", loop).returncode == 0


def _start_refresh(serving: Serving, **preferences) -> None:
    serving.group.api().start_instance_refresh(
        AutoScalingGroupName=NAME, Preferences={"InstanceWarmup": 1} | preferences
    )


def _refresh_ended(serving: Serving) -> bool:
    found = serving.group.api().describe_instance_refreshes(AutoScalingGroupName=NAME)["InstanceRefreshes"][0]
    return (found["Status"], found["PercentageComplete"]) == ("Successful", 100)


@pytest.fixture(scope="module")
def waiting(serving, queue) -> str:
    """The instance that leaves once there is nothing to do: its hook keeps it."""
    serving.place.api("sqs").purge_queue(QueueUrl=queue)
    wait_for("a smaller group", lambda: serving.group.described()["DesiredCapacity"] == 1, timeout=60)
    (leaving,) = wait_for("one that waits", lambda: serving.group.instances("Terminating:Wait"), timeout=30)
    return leaving


def test_without_a_backlog_it_shrinks(serving, waiting):
    (staying,) = serving.healthy()
    assert (serving.place.state(waiting), serving.place.state(staying)) == ("running", "running")
    assert "triggered policy backlog" in serving.activity("Terminating EC2 instance", waiting)["Cause"]


def test_a_spot_instance_hears_of_its_end_and_another_takes_its_place(serving, waiting):
    """Two minutes before it; the group's other one serves before it is taken away."""
    (instance,) = serving.healthy()
    serving.group.api().update_auto_scaling_group(AutoScalingGroupName=NAME, CapacityRebalance=True)
    assert fetched(instance, _ACTION) is None
    serving.group.interrupt(instance)
    notice = json.loads(wait_for("the notice", lambda: fetched(instance, _ACTION)))
    assert notice["action"] == "terminate"
    assert 100 < datetime.fromisoformat(notice["time"]).timestamp() - time.time() <= 120
    assert "noticeTime" in json.loads(fetched(instance, _ADVICE))
    (successor,) = wait_for("its successor", lambda: [name for name in serving.healthy() if name != instance])
    assert serving.place.state(instance) == "running"
    wait_for("its leave", lambda: serving.group.states()[instance].startswith("Terminating"))
    # What is left of the two minutes is not waited for.
    serving.group.interrupt(instance, "--seconds", "0")
    wait_for("its end", lambda: serving.place.state(instance) == "terminated")
    assert serving.place.described(instance)["StateReason"]["Code"] == "Server.SpotInstanceTermination"
    assert "rebalance recommendation" in serving.activity("Terminating EC2 instance", instance)["Cause"]
    assert successor in serving.healthy()


def test_a_hook_that_nobody_completes_times_out(serving, waiting):
    wait_for("the end of the one that waits", lambda: serving.place.state(waiting) == "terminated")
    ended = wait_for("its activity's end", lambda: _ended(serving.activity("Terminating EC2 instance", waiting)))
    assert ended["StatusCode"] == "Successful"
    assert (ended["EndTime"] - ended["StartTime"]).total_seconds() >= _HEARTBEAT_S


def _ended(activity: dict) -> dict | None:
    return activity if "EndTime" in activity else None


def test_a_group_that_is_deleted_leaves_nothing(serving):
    serving.group.delete()
    wait_for("the end of its instances", lambda: not serving.living())
    assert serving.targets() == {}
