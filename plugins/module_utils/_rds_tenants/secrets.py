# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read and write the tenants' secrets, one each, below a prefix; the client is passed in. Values are kept only while needed.

ListSecrets may lag minutes behind: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecrets.html
What it lists is good enough where it fits the users that were read; the others are asked for by name.
"""

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
# The second: it is scheduled for deletion.
_NOT_THERE = frozenset({"ResourceNotFoundException", "InvalidRequestException"})

Content = dict[str, t.Any]


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
        self._listed: list[dict[str, t.Any]] | None = None
        # What this run wrote, by tenant, which a list may not show for minutes; None for what it deleted.
        self._written: dict[str, str | None] = {}

    def versions(self, entries: t.Sequence[Wanted]) -> dict[str, str]:
        """Return the current version of each tenant's secret, as listed once and written since, without its value."""
        if self._listed is None:
            self._listed = self._list()
        names = {entry.secret: entry.name for entry in entries}
        found: dict[str, str | None] = {
            names.get(secret, secret): version
            for item in self._listed
            if item["Name"].startswith(self._prefix)
            for secret in [item["Name"].removeprefix(self._prefix)]
            for version, stages in (item.get("SecretVersionsToStages") or {}).items()
            if "AWSCURRENT" in stages
        }
        return {name: version for name, version in (found | self._written).items() if version}

    def _list(self) -> list[dict[str, t.Any]]:
        with doing(f"list the secrets below {self._prefix}"):
            pages = self._client.get_paginator("list_secrets").paginate(
                Filters=[{"Key": "name", "Values": [self._prefix]}], PaginationConfig={"PageSize": 100}
            )
            return [item for page in pages for item in page["SecretList"]]

    def ask(self, entries: t.Sequence[Wanted], versions: dict[str, str]) -> None:
        """Set the versions of these tenants' secrets to what Secrets Manager says of each by name."""
        held = self._values(entries)
        for entry in entries:
            versions.pop(entry.name, None)
            if entry.name in held:
                versions[entry.name] = held[entry.name][1]
            self._written[entry.name] = versions.get(entry.name)

    def prepare(self, tasks: t.Sequence[Task], host: str) -> dict[str, tuple[str, str]]:
        """Write new secrets, read the others, and return password and version by tenant for all whose password is set.

        ``host`` is where these tenants log in.
        """
        written = [task for task in tasks if task.secret]
        credentials = dict(in_parallel(lambda task: self._write(task, host), written))
        kept = [task.wanted for task in tasks if task.password and not task.secret]
        held = self._values(kept)
        missing = sorted(entry.name for entry in kept if entry.name not in held)
        if missing:
            raise PlatformError(
                f"The secrets of {', '.join(missing)} below {self._prefix} can't be read. Nothing was set."
            )
        credentials |= dict(in_parallel(lambda entry: self._kept(entry, *held[entry.name]), kept))
        self._written |= {name: version for name, (_password, version) in credentials.items()}
        # Before a password is set, so that a run that was cut off, or failed here, is completed by the next one.
        again = [task.wanted for task in tasks if task.password and task.secret in ("", "renew")]
        in_parallel(self._replicate, again)
        return credentials

    def _write(self, task: Task, host: str) -> tuple[str, tuple[str, str]]:
        entry, name = task.wanted, f"{self._prefix}{task.wanted.secret}"
        password = secrets.token_urlsafe(_BYTES)
        content = {"engine": "mysql", "host": host, **_login(entry), "password": password}
        with doing(f"{task.secret} the secret {name}"):
            if task.secret == "renew":
                answer = self._client.put_secret_value(SecretId=name, SecretString=json.dumps(content))
                return entry.name, (password, answer["VersionId"])
            asked: dict[str, t.Any] = {"Name": name, "SecretString": json.dumps(content)}
            if self._kms_key:
                asked["KmsKeyId"] = self._kms_key
            asked["Tags"] = [{"Key": key, "Value": value} for key, value in self._tags.items()]
            new = True
            try:
                answer = self._client.create_secret(**asked)
            except self._client.exceptions.ResourceExistsException:
                # It was not listed yet.
                held = self._values([entry])
                if entry.name not in held:
                    raise
                self._replicate(entry)
                return self._kept(entry, *held[entry.name])
            except self._client.exceptions.InvalidRequestException:
                # It is pending deletion since the tenant was removed.
                new = False
                self._client.restore_secret(SecretId=name)
                answer = self._client.put_secret_value(SecretId=name, SecretString=asked["SecretString"])
        self._replicate(entry, new=new)
        return entry.name, (password, answer["VersionId"])

    def _kept(self, entry: Wanted, content: Content, version: str) -> tuple[str, tuple[str, str]]:
        """Return the password of a secret that is kept. One that names another user or schema is corrected."""
        if content | _login(entry) != content:
            with doing(f"correct the secret {self._prefix}{entry.secret}"):
                text = json.dumps(content | _login(entry))
                version = self._client.put_secret_value(SecretId=f"{self._prefix}{entry.secret}", SecretString=text)[
                    "VersionId"
                ]
        return entry.name, (content["password"], version)

    def _replicate(self, entry: Wanted, *, new: bool = False) -> None:
        keys = {region: self._replicas[region] for region in self._regions(entry)}
        if keys:
            replicate(self._client, f"{self._prefix}{entry.secret}", keys, timeout=self._timeout, new=new)

    def _values(self, entries: t.Sequence[Wanted]) -> dict[str, tuple[Content, str]]:
        """Return what the secrets hold, and their versions, by tenant; those that aren't there are left out."""
        batches = [entries[start : start + _BATCH] for start in range(0, len(entries), _BATCH)]
        names = {f"{self._prefix}{entry.secret}": entry.name for entry in entries}
        found = {}
        for answer in in_parallel(self._batch, batches):
            for item in answer["SecretValues"]:
                found[names[item["Name"]]] = _content(item), item["VersionId"]
            for error in answer.get("Errors") or []:
                if error["ErrorCode"] not in _NOT_THERE:
                    raise PlatformError(
                        f"Could not read the secret {error['SecretId']}: {error['ErrorCode']}: {error['Message']}"
                    )
        return found

    def _batch(self, entries: t.Sequence[Wanted]) -> dict[str, t.Any]:
        with doing(f"read the secrets of {', '.join(entry.name for entry in entries)}"):
            return self._client.batch_get_secret_value(
                SecretIdList=[f"{self._prefix}{entry.secret}" for entry in entries]
            )

    def _regions(self, entry: Wanted) -> list[str]:
        """Return the other regions that a tenant's secret may be in."""
        return sorted(region for region in self._replicas if entry.residency is None or region in entry.residency)

    def remove(self, entries: t.Iterable[Wanted], recovery_window: int) -> None:
        """Delete the secrets of tenants, first their replicas."""
        for entry in entries:
            name, regions = f"{self._prefix}{entry.secret}", self._regions(entry)
            self._written[entry.name] = None
            with doing(f"delete the secret {name}"):
                try:
                    if regions:
                        self._client.remove_regions_from_replication(SecretId=name, RemoveReplicaRegions=regions)
                    self._client.delete_secret(SecretId=name, RecoveryWindowInDays=recovery_window)
                except self._client.exceptions.ResourceNotFoundException:
                    continue  # it was still listed
                except self._client.exceptions.InvalidRequestException:
                    if not self._client.describe_secret(SecretId=name).get("DeletedDate"):
                        raise


def _login(entry: Wanted) -> Content:
    """Return what a secret says of where its tenant logs in to, and as whom."""
    return {"username": entry.user, "dbname": entry.schema}


def _content(item: dict[str, t.Any]) -> Content:
    try:
        content = json.loads(item["SecretString"])
        content["password"]
    except (ValueError, KeyError, TypeError):
        raise PlatformError(f"The secret {item['Name']} holds no JSON object with a password.") from None
    return content
