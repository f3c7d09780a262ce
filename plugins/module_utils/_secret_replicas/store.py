# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read and write which regions secrets are replicated to; the client is passed in. No value is read."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import doing
from ansible_collections.knowledgecity.platform.plugins.module_utils._parallel import in_parallel
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change
from ansible_collections.knowledgecity.platform.plugins.module_utils._secret_replica_keys import ReplicaKeys
from ansible_collections.knowledgecity.platform.plugins.module_utils._secret_replicas.model import Secret, plan
from ansible_collections.knowledgecity.platform.plugins.module_utils._secret_replication import in_sync, replicate


class ReplicaReconciler:
    """Replicate the secrets of one region whose names begin with `prefix`. `replicas` are KMS keys by region."""

    def __init__(
        self,
        client: t.Any,
        region: str,
        prefix: str,
        replicas: dict[str, str | None],
        *,
        overwrite: bool = False,
        keys: ReplicaKeys,
        timeout: float,
    ):
        self._client = client
        self._region = region
        self._prefix = prefix
        self._replicas = replicas
        self._overwrite = overwrite
        self._keys = keys
        self._timeout = timeout

    def read(self) -> list[Secret]:
        """Read the secrets that are this region's own: a replica is replicated from its primary's region."""
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
        return sorted(in_parallel(self._read, names), key=lambda secret: secret.name)

    def _read(self, name: str) -> Secret:
        with doing(f"read the secret {name} in {self._region}"):
            found = self._client.describe_secret(SecretId=name)
        regions = in_sync(found)
        return Secret(
            name, regions, self._keys.other(name, {key: self._replicas[key] for key in regions & self._replicas.keys()})
        )

    def plan(self, current: list[Secret]) -> list[Change]:
        """Plan a change for each secret that a region lacks, or has under another key."""
        return plan(current, self._replicas)

    def apply(self, changes: list[Change]) -> None:
        """Replicate the secrets that the changes name, and wait until the regions have them; change keys."""
        in_parallel(self._apply, changes)

    def _apply(self, change: Change) -> None:
        if change.action == "update":
            self._keys.change(change.name, change.region, change.after["kms_key"])
        else:
            self._replicate(change)

    def _replicate(self, change: Change) -> None:
        replicate(
            self._client,
            change.name,
            {change.region: change.after["kms_key"]},
            timeout=self._timeout,
            overwrite=self._overwrite,
        )
