# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""An S3 that backups are measured with, as the engine, the module and rclone each reach it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lab.clickhouse.configuration import Collection
from tests.support.clickhouse import PREFIX, Server
from tests.support.rclone import Rclone
from tests.support.seaweedfs import SeaweedFS

_BUCKET = "bench"  # in SeaweedFS


@dataclass(frozen=True)
class Place:
    """One bucket of one S3; `collection` is the engine's name for its prefix."""

    title: str
    suffix: str
    collection: str
    client: Any
    bucket: str
    rclone: Rclone

    def where(self, name: str) -> str:
        """Where the objects of a backup are, for rclone."""
        return f"{self.bucket}/{PREFIX}/{name}"

    def remove(self, name: str) -> None:
        """Take away what was written under a name: many copies of the same would only fill the machine."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=f"{PREFIX}/{name}/")
        for page in pages:
            keys = [{"Key": item["Key"]} for item in page.get("Contents", [])]
            self.client.delete_objects(Bucket=self.bucket, Delete={"Objects": keys})


def lab_place(server: Server) -> Place:
    """The lab's S3, with the bucket of the server."""
    stack = server.lab.stack
    key = stack.administrator_key()
    rclone = Rclone(
        stack.endpoints[server.region],
        server.region,
        key["access_key_id"],
        key["secret"],
        stack.settings.ca_certificate,
    )
    return Place("the lab's S3", "", "backups", server.s3, server.bucket, rclone)


def seaweedfs_collection(seaweedfs: SeaweedFS) -> Collection:
    """What the engine is to be started with for `seaweedfs_place`."""
    url = f"{seaweedfs.endpoint}/{_BUCKET}/{PREFIX}/"
    return Collection("seaweedfs", url, seaweedfs.access_key_id, seaweedfs.secret)


def seaweedfs_place(seaweedfs: SeaweedFS, region: str) -> Place:
    """SeaweedFS, with a bucket that is made for it."""
    client = seaweedfs.client(region)
    client.create_bucket(Bucket=_BUCKET)
    rclone = Rclone(seaweedfs.endpoint, region, seaweedfs.access_key_id, seaweedfs.secret, seaweedfs.ca_certificate)
    return Place("SeaweedFS", "_seaweedfs", "seaweedfs", client, _BUCKET, rclone)
