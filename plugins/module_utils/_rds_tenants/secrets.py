# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read and write the tenants' secrets, one each, below a prefix; the client is passed in. Values are kept only while needed."""

from __future__ import annotations

import json
import secrets
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError, doing
from ansible_collections.knowledgecity.platform.plugins.module_utils._parallel import in_parallel
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.model import Task, Wanted
from ansible_collections.knowledgecity.platform.plugins.module_utils._secret_replication import replicate

_BATCH = 20  # names that BatchGetSecretValue takes
_BYTES = 30


class TenantSecrets:
    """The secrets ``<prefix><tenant>`` of one region; ``replicas`` are keys by region."""

    def __init__(
        self,
        client: t.Any,
        prefix: str,
        kms_key: str | None,
        replicas: dict[str, str | None],
        tags: dict[str, str],
        timeout: float = 0,
    ):
        self._client = client
        self._prefix = prefix
        self._kms_key = kms_key
        self._replicas = replicas
        self._tags = tags
        self._timeout = timeout

    def versions(self) -> dict[str, str]:
        """Return the current version of each tenant's secret, without its value."""
        with doing(f"list the secrets below {self._prefix}"):
            pages = self._client.get_paginator("list_secrets").paginate(
                Filters=[{"Key": "name", "Values": [self._prefix]}], PaginationConfig={"PageSize": 100}
            )
            found = [item for page in pages for item in page["SecretList"]]
        return {
            item["Name"].removeprefix(self._prefix): version
            for item in found
            if item["Name"].startswith(self._prefix)
            for version, stages in (item.get("SecretVersionsToStages") or {}).items()
            if "AWSCURRENT" in stages
        }

    def prepare(self, tasks: t.Sequence[Task], host: str) -> dict[str, tuple[str, str]]:
        """Write new secrets, read the others, and return password and version by tenant for all whose password is set.

        ``host`` is where these tenants log in.
        """
        written = [task for task in tasks if task.secret]
        credentials = dict(in_parallel(lambda task: self._write(task, host), written))
        kept = [task.wanted.name for task in tasks if task.password and not task.secret]
        for start in range(0, len(kept), _BATCH):
            credentials |= self._values(kept[start : start + _BATCH])
        # Before a password is set, so that a run that was cut off, or failed here, is completed by the next one.
        held = [task.wanted for task in tasks if task.password and task.secret in ("", "renew")]
        in_parallel(self._replicate, held)
        return credentials

    def _write(self, task: Task, host: str) -> tuple[str, tuple[str, str]]:
        tenant, name = task.wanted.name, f"{self._prefix}{task.wanted.name}"
        password = secrets.token_urlsafe(_BYTES)
        content = {
            "engine": "mysql",
            "host": host,
            "username": task.wanted.account,
            "password": password,
            "dbname": task.wanted.account,
        }
        with doing(f"{task.secret} the secret {name}"):
            if task.secret == "renew":
                answer = self._client.put_secret_value(SecretId=name, SecretString=json.dumps(content))
                return tenant, (password, answer["VersionId"])
            asked: dict[str, t.Any] = {"Name": name, "SecretString": json.dumps(content)}
            if self._kms_key:
                asked["KmsKeyId"] = self._kms_key
            asked["Tags"] = [{"Key": key, "Value": value} for key, value in self._tags.items()]
            restored = False
            try:
                answer = self._client.create_secret(**asked)
            except self._client.exceptions.InvalidRequestException:
                # It is pending deletion since the tenant was removed.
                restored = True
                self._client.restore_secret(SecretId=name)
                answer = self._client.put_secret_value(SecretId=name, SecretString=asked["SecretString"])
        self._replicate(task.wanted, new=not restored)
        return tenant, (password, answer["VersionId"])

    def _replicate(self, entry: Wanted, *, new: bool = False) -> None:
        keys = {region: self._replicas[region] for region in self._regions(entry)}
        if keys:
            replicate(self._client, f"{self._prefix}{entry.name}", keys, timeout=self._timeout, new=new)

    def _values(self, tenants: t.Sequence[str]) -> dict[str, tuple[str, str]]:
        with doing(f"read the secrets of {', '.join(tenants)}"):
            answer = self._client.batch_get_secret_value(SecretIdList=[f"{self._prefix}{name}" for name in tenants])
        found = {
            item["Name"].removeprefix(self._prefix): (json.loads(item["SecretString"])["password"], item["VersionId"])
            for item in answer["SecretValues"]
        }
        missing = sorted(set(tenants) - set(found))
        if missing:
            raise PlatformError(
                f"The secrets of {', '.join(missing)} below {self._prefix} can't be read. Nothing was set."
            )
        return found

    def _regions(self, entry: Wanted) -> list[str]:
        """Return the other regions that a tenant's secret may be in."""
        return sorted(region for region in self._replicas if entry.residency is None or region in entry.residency)

    def remove(self, entries: t.Iterable[Wanted], recovery_window: int) -> None:
        """Delete the secrets of tenants, first their replicas."""
        for entry in entries:
            name, regions = f"{self._prefix}{entry.name}", self._regions(entry)
            with doing(f"delete the secret {name}"):
                if regions:
                    self._client.remove_regions_from_replication(SecretId=name, RemoveReplicaRegions=regions)
                self._client.delete_secret(SecretId=name, RecoveryWindowInDays=recovery_window)
