# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Reads and writes where secrets are replicated to; the client is passed in. No value is read."""

from __future__ import annotations

import typing as t
from concurrent.futures import ThreadPoolExecutor

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import doing
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change
from ansible_collections.knowledgecity.platform.plugins.module_utils._secret_replicas.model import Secret, Step

_AT_ONCE = 8


class ReplicaStore:
    """The secrets of one region whose names begin alike."""

    def __init__(self, client: t.Any, region: str, prefix: str):
        self._client = client
        self._region = region
        self._prefix = prefix

    def read(self) -> list[Secret]:
        """Those that are this region's own: a replica is replicated from where it comes from."""
        with doing(f"list the secrets below {self._prefix} in {self._region}"):
            pages = self._client.get_paginator("list_secrets").paginate(
                Filters=[{"Key": "name", "Values": [self._prefix]}], PaginationConfig={"PageSize": 100}
            )
            names = [
                item["Name"]
                for page in pages
                for item in page["SecretList"]
                if item["Name"].startswith(self._prefix) and item.get("PrimaryRegion", self._region) == self._region
            ]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return sorted(pool.map(self._read, names), key=lambda secret: secret.name)

    def _read(self, name: str) -> Secret:
        with doing(f"read the secret {name} in {self._region}"):
            found = self._client.describe_secret(SecretId=name)
        status = found.get("ReplicationStatus") or []
        return Secret(name, frozenset(item["Region"] for item in status if item.get("Status") != "Failed"))

    def apply(self, steps: t.Sequence[Change], replicas: dict[str, str | None], *, overwrite: bool) -> None:
        def replicate(step: Change) -> None:
            if not isinstance(step, Step) or not step.region:
                raise TypeError(f"not a step of this plan: {step!r}")
            key = replicas[step.region]
            added = {"Region": step.region} | ({"KmsKeyId": key} if key else {})
            with doing(f"replicate the secret {step.secret} from {self._region} to {step.region}"):
                self._client.replicate_secret_to_regions(
                    SecretId=step.secret, AddReplicaRegions=[added], ForceOverwriteReplicaSecret=overwrite
                )

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(replicate, steps))
