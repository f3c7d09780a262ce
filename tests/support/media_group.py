# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A region's group of media hosts in a lab that runs instances, and the jobs they are given."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from media_server.jobs.package_request import PackageRequest
from media_server.jobs.states import QUEUED, AssetState, AssetStates
from media_server.keys.tenants import now
from media_server.store import layout
from media_server.store.assets import AssetStore, Pointer
from media_server.store.objects import ObjectStore

from tests.support.labs import Clients
from tests.support.machines import inside

TENANT = "acme"
_JOBS = "/var/lib/media-server/jobs"


@dataclass(frozen=True)
class MediaGroup:
    """A region's group of hosts, its queue and its bucket; `platform` begins the names of everything."""

    lab: Clients
    platform: str
    region: str

    @property
    def _name(self) -> str:
        return f"{self.platform}-{self.region}-media"

    @property
    def _bucket(self) -> str:
        return f"{self.platform}-{self.region}-storage-media"

    def _client(self, service: str):
        return self.lab(service, self.region)

    def resize(self, hosts: int) -> None:
        """Let the group have so many hosts."""
        self._client("autoscaling").update_auto_scaling_group(
            AutoScalingGroupName=self._name, MinSize=hosts, DesiredCapacity=hosts
        )

    def hosts(self) -> list[str]:
        """Return every instance of the group, in any state."""
        (group,) = self._client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[self._name])[
            "AutoScalingGroups"
        ]
        return [item["InstanceId"] for item in group["Instances"]]

    def healthy(self) -> list[str]:
        """Return the hosts that the load balancer forwards requests to."""
        balancing = self._client("elbv2")
        arn = balancing.describe_target_groups(Names=[self._name])["TargetGroups"][0]["TargetGroupArn"]
        found = balancing.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
        return [item["Target"]["Id"] for item in found if item["TargetHealth"]["State"] == "healthy"]

    def end(self, host: str) -> None:
        """Terminate a host through the group, which replaces it."""
        self._client("autoscaling").terminate_instance_in_auto_scaling_group(
            InstanceId=host, ShouldDecrementDesiredCapacity=False
        )

    # Jobs

    def queue(self, asset: str, source: Path) -> None:
        """Queue the packaging of a video, as the server does after an upload."""
        moment, size = now(), source.stat().st_size
        self._objects.put(layout.upload(TENANT, asset), source.read_bytes())
        state = AssetState(TENANT, asset, "cbcs", size, asset, QUEUED, "upload", size, moment, moment)
        assert AssetStates(self._objects).create(state)
        request = PackageRequest(TENANT, asset, "cbcs", layout.upload(TENANT, asset))
        self._client("sqs").send_message(QueueUrl=self._queue_url(), MessageBody=json.dumps(request.to_message()))

    def at_work(self) -> str | None:
        """Return the host that has downloaded a job's source."""
        found = (host for host in self.hosts() if inside(host, "sh", "-c", f"ls {_JOBS}/job-*/source").stdout)
        return next(found, None)

    def result(self, host: str, asset: str) -> str | None:
        """Return the result of an asset's job that a host has logged, or None."""
        journal = inside(host, "journalctl", "--unit=media-worker", "--output=cat").stdout
        lines: list[dict[str, Any]] = [json.loads(line) for line in journal.splitlines() if line.startswith("{")]
        ends = [line["result"] for line in lines if line["event"] == "job ends" and line.get("asset") == asset]
        return ends[-1] if ends else None

    def finisher(self, asset: str) -> str | None:
        """Return the host that packaged an asset."""
        return next((host for host in self.hosts() if self.result(host, asset) == "ready"), None)

    def left(self) -> dict[str, int]:
        """Return how many messages of each queue are waiting or in progress."""
        sqs, names = self._client("sqs"), ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
        found = {}
        for queue in (self._name, f"{self._name}-dead"):
            asked = {"QueueUrl": self._queue_url(queue), "AttributeNames": list(names)}
            told = sqs.get_queue_attributes(**asked)["Attributes"]
            found[queue] = sum(int(told[name]) for name in names)
        return found

    def _queue_url(self, name: str = "") -> str:
        return self._client("sqs").get_queue_url(QueueName=name or self._name)["QueueUrl"]

    # Results

    @property
    def _objects(self) -> ObjectStore:
        return ObjectStore(self._client("s3"), self._bucket)

    def pointer(self, asset: str) -> Pointer:
        return AssetStore(self._objects).pointer(TENANT, asset)[0]

    def written(self, asset: str) -> dict[str, int]:
        """Return how often each object of an asset was written, but for its kept source: all versions in S3."""
        pages = self._client("s3").get_paginator("list_object_versions")
        counted: dict[str, int] = {}
        for page in pages.paginate(Bucket=self._bucket, Prefix=layout.asset_prefix(TENANT, asset)):
            for item in page.get("Versions", []):
                if layout.is_source(item["Key"].removeprefix(layout.asset_prefix(TENANT, asset))):
                    continue
                counted[item["Key"]] = counted.get(item["Key"], 0) + 1
        return counted


def assert_committed_once(group: MediaGroup, asset: str) -> None:
    """One version, one pointer to it that was written once, and nothing of another try."""
    pointer, written = group.pointer(asset), group.written(asset)
    assert list(pointer.versions) == [pointer.current]
    version = layout.version_prefix(TENANT, asset, pointer.current)
    files = {version + name for name in (*pointer.versions[pointer.current].files, layout.KEY)}
    assert written == dict.fromkeys({layout.pointer(TENANT, asset), *files}, 1)
    assert set(group.left().values()) == {0}
