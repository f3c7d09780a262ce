# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The Auto Scaling group of role media in a lab with instances: hosts that configure themselves at boot, and their jobs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from media_server.jobs.package_job import PackageRequest
from media_server.jobs.states import QUEUED, AssetState, AssetStates
from media_server.keys.tenants import now
from media_server.store import layout
from media_server.store.assets import AssetStore, Pointer
from media_server.store.objects import ObjectStore

from tests.support import playbooks
from tests.support.labs import Clients
from tests.support.machines import inside
from tests.support.media_network import make_network

TENANT = "acme"
_REGION = "me-west-1"
_PREFIX = f"killed-hosts-{_REGION}"
_NAME, _BUCKET, _NETWORK = f"{_PREFIX}-media", f"{_PREFIX}-storage-media", f"{_PREFIX}-network"
_JOBS = "/var/lib/media-server/jobs"

_PLAY = """
- name: Make what the account holds once
  hosts: account
  gather_facts: false
  environment: &environment "{{ aws_region | knowledgecity.platform.aws_environment(platform_endpoints) }}"
  module_defaults: &module_defaults
    group/knowledgecity.platform.aws:
      region_endpoints: "{{ platform_endpoints }}"
  vars: &vars
    platform_name: killed
    platform_environment: hosts
    platform_domain: killed-hosts.example
    platform_regions: {me-west-1: {cidr: 10.42.0.0/16}}
    platform_initial_primary: me-west-1
    # The dependencies of the tier, as small as possible.
    storage_bucket_overrides:
      spa: {replication: {mode: none}}
      media: {replication: {mode: none}}
      artefacts: {replication: {mode: none}}
      backups: {replication: {mode: none}}
    security_account_baseline: false
    security_waf: false
    media_waf: false
    media_image: "resolve:ssm:/aws/service/debian/release/12/latest/amd64"
    media_python_version: "3.11"
    media_min_size: 2
    media_max_size: 3
    media_deregistration_seconds: 3
    media_drain_seconds: 60
    # There is one region only, without a region record.
    media_record_table: ""
  tasks:
    - name: Run the entry points account
      ansible.builtin.include_role:
        name: "knowledgecity.platform.{{ tier }}"
        tasks_from: account
      loop: [security, dns]
      loop_control:
        loop_var: tier

- name: Make the media tier, and what it stands in
  hosts: me-west-1
  gather_facts: false
  environment: *environment
  module_defaults: *module_defaults
  vars: *vars
  roles:
    - role: knowledgecity.platform.security
    - role: knowledgecity.platform.storage
    - role: knowledgecity.platform.media
"""


@dataclass(frozen=True)
class MediaGroup:
    """The group of two hosts, its queue and its bucket."""

    lab: Clients

    def hosts(self) -> list[str]:
        """Return every instance of the group, in any state."""
        (group,) = self.lab("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[_NAME])[
            "AutoScalingGroups"
        ]
        return [item["InstanceId"] for item in group["Instances"]]

    def healthy(self) -> list[str]:
        """Return the hosts that the load balancer forwards requests to."""
        balancing = self.lab("elbv2")
        arn = balancing.describe_target_groups(Names=[_NAME])["TargetGroups"][0]["TargetGroupArn"]
        found = balancing.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
        return [item["Target"]["Id"] for item in found if item["TargetHealth"]["State"] == "healthy"]

    def end(self, host: str) -> None:
        """Terminate a host through the group, which replaces it."""
        self.lab("autoscaling").terminate_instance_in_auto_scaling_group(
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
        self.lab("sqs").send_message(QueueUrl=self._queue_url(), MessageBody=json.dumps(request.to_message()))

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
        sqs, names = self.lab("sqs"), ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
        found = {}
        for queue in (_NAME, f"{_NAME}-dead"):
            asked = {"QueueUrl": self._queue_url(queue), "AttributeNames": list(names)}
            told = sqs.get_queue_attributes(**asked)["Attributes"]
            found[queue] = sum(int(told[name]) for name in names)
        return found

    def _queue_url(self, name: str = _NAME) -> str:
        return self.lab("sqs").get_queue_url(QueueName=name)["QueueUrl"]

    # Results

    @property
    def _objects(self) -> ObjectStore:
        return ObjectStore(self.lab("s3"), _BUCKET)

    def pointer(self, asset: str) -> Pointer:
        return AssetStore(self._objects).pointer(TENANT, asset)[0]

    def written(self, asset: str) -> dict[str, int]:
        """Return how often each object of an asset was written: all versions in S3."""
        pages = self.lab("s3").get_paginator("list_object_versions")
        counted: dict[str, int] = {}
        for page in pages.paginate(Bucket=_BUCKET, Prefix=layout.asset_prefix(TENANT, asset)):
            for item in page.get("Versions", []):
                counted[item["Key"]] = counted.get(item["Key"], 0) + 1
        return counted


def build_media_group(lab: Clients, folder: Path) -> MediaGroup:
    """Build the group with the roles; its hosts boot from then on."""
    make_network(lab("ec2"), _NETWORK, _REGION, "10.42.0.0/16")
    play = folder / "play.yml"
    play.write_text(_PLAY)
    playbooks.run(lab, playbook=str(play), administrator=True).succeeded()
    return MediaGroup(lab)
