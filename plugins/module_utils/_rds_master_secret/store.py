# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read and write a master user's secret; the clients are passed in. No password leaves this file."""

from __future__ import annotations

import json
import secrets
import string
import time
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import (
    PlatformError,
    doing,
    found_or_none,
    is_answered,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_master_secret.model import (
    VERSION_TAG,
    Secret,
    State,
    Wanted,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._secret_replica_keys import ReplicaKeys
from ansible_collections.knowledgecity.platform.plugins.module_utils._secret_replication import (
    in_sync,
    replicate,
    statuses,
)

# RDS takes 8 to 41 characters, and not these: / " @ and blanks.
_LENGTH, _ALPHABET = 40, string.ascii_letters + string.digits + "!#%+-.:=_"
_INTERVAL = 2.0
_PENDING_DELETION, _SILENT = "pending deletion", "silent"


class MasterSecretStore:
    """The secret and the instance in one region."""

    def __init__(
        self, clients: t.Callable[..., t.Any], region: str, wanted: Wanted, timeout: float, recovery_window: int
    ):
        """``clients(service, region)`` returns a client, also for the regions of replicas."""
        self._clients = clients
        self._secrets = clients("secretsmanager", region)
        self._rds = clients("rds", region)
        self._region = region
        self._wanted = wanted
        self._timeout = timeout
        self._recovery_window = recovery_window
        self.rotated = False

    def read(self) -> State:
        """Read the secret, and the instance where one is named."""
        instance = self._instance() if self._wanted.instance else None
        secret = self._secret()
        if instance is None:
            return State(secret, None, None, None, None, False)
        tags = {tag["Key"]: tag["Value"] for tag in instance.get("TagList", [])}
        missing = set(self._wanted.replicas) - (secret.replicas - secret.not_in_sync if secret else set())
        found = {region: self._found_in(region) for region in sorted(missing)}
        return State(
            secret,
            instance["DBInstanceArn"],
            instance["DBInstanceStatus"],
            instance["MasterUsername"],
            tags.get(VERSION_TAG),
            bool(instance.get("ReadReplicaSourceDBInstanceIdentifier")),
            frozenset(region for region, what in found.items() if what == _PENDING_DELETION),
            frozenset(region for region, what in found.items() if what == _SILENT),
        )

    def _found_in(self, region: str) -> str:
        """Return what keeps a replica from being made there: a secret that is pending deletion, or a silent region."""
        try:
            found = self._described(self._clients("secretsmanager", region), region)
        except PlatformError as failure:
            if is_answered(failure):
                raise
            return _SILENT
        return _PENDING_DELETION if found and found.get("DeletedDate") else ""

    def _described(self, client: t.Any, region: str) -> dict[str, t.Any] | None:
        name = self._wanted.name
        return found_or_none(
            f"read the secret {name} in {region}",
            lambda: client.describe_secret(SecretId=name),
            "ResourceNotFoundException",
        )

    def _instance(self) -> dict[str, t.Any] | None:
        answer = found_or_none(
            f"read the DB instance {self._wanted.instance} in {self._region}",
            lambda: self._rds.describe_db_instances(DBInstanceIdentifier=self._wanted.instance),
            "DBInstanceNotFound",
            "DBInstanceNotFoundFault",
        )
        return answer and answer["DBInstances"][0]

    def _secret(self) -> Secret | None:
        found = self._described(self._secrets, self._region)
        if found is None:
            return None
        stages = found.get("VersionIdsToStages") or {}
        replicas = frozenset(statuses(found))
        wanted = {region: key for region, key in self._wanted.replicas.items() if region in in_sync(found)}
        return Secret(
            arn=found["ARN"],
            version=next((version for version, names in stages.items() if "AWSCURRENT" in names), ""),
            pending_deletion=bool(found.get("DeletedDate")),
            primary_region=found.get("PrimaryRegion") or self._region,
            replicas=replicas,
            tags={tag["Key"]: tag["Value"] for tag in found.get("Tags") or []},
            not_in_sync=replicas - in_sync(found),
            other_keys=self._keys().other(self._wanted.name, wanted) if wanted else {},
        )

    def _keys(self) -> ReplicaKeys:
        return ReplicaKeys(self._clients, self._wanted.replicas)

    def apply(self, changes: t.Iterable[Change]) -> None:
        """Apply the changes of a plan, in their order."""
        methods = {
            ("secret", "create"): self._create,
            ("secret", "restore"): self._restore,
            ("secret", "rotate"): self._rotate,
            ("secret", "tag"): self._tag,
            ("secret", "delete"): self._delete,
            ("secret replica", "create"): self._replicate,
            ("secret replica", "replace"): self._replicate,
            ("secret replica", "delete"): self._remove_replica,
            ("secret replica key", "update"): self._change_key,
            ("master password", "set"): self._set,
        }
        for change in changes:
            with doing(f"{change.action} the {change.resource} in {self._region}"):
                methods[change.kind, change.action](change)

    def _replicate(self, change: Change) -> None:
        """Create a replica. It never replaces a secret that is in use there: `replace` is for one that is pending deletion."""
        name, region, replace = self._wanted.name, change.region, change.action == "replace"
        if replace:
            self._clients("secretsmanager", region).restore_secret(SecretId=name)
        replicate(self._secrets, name, {region: change.after["kms_key"]}, timeout=self._timeout, overwrite=replace)

    def _change_key(self, change: Change) -> None:
        self._keys().change(change.name, change.region, change.after["kms_key"])

    def _remove_replica(self, change: Change) -> None:
        self._secrets.remove_regions_from_replication(SecretId=self._wanted.name, RemoveReplicaRegions=[change.region])

    def _delete(self, _change: Change) -> None:
        """Delete the secret once its replicas are gone, which takes a moment."""
        deadline = time.monotonic() + self._timeout
        while (secret := self._secret()) and secret.replicas:
            if time.monotonic() >= deadline:
                raise PlatformError(
                    f"The replicas of {self._wanted.name} are still there after {self._timeout:.0f} s. Fix: run again."
                )
            time.sleep(_INTERVAL)
        self._secrets.delete_secret(SecretId=self._wanted.name, RecoveryWindowInDays=self._recovery_window)

    def _content(self) -> str:
        password = "".join(secrets.choice(_ALPHABET) for _position in range(_LENGTH))
        return json.dumps({"engine": "mysql", "username": self._wanted.username, "password": password})

    def _create(self, _change: Change) -> None:
        asked: dict[str, t.Any] = {"Name": self._wanted.name, "SecretString": self._content()}
        if self._wanted.kms_key:
            asked["KmsKeyId"] = self._wanted.kms_key
        asked["Tags"] = [{"Key": key, "Value": value} for key, value in (self._wanted.tags or {}).items()]
        asked["Description"] = f"Master user of the DB instance {self._wanted.instance}"
        self._secrets.create_secret(**asked)

    def _restore(self, _change: Change) -> None:
        self._secrets.restore_secret(SecretId=self._wanted.name)

    def _rotate(self, _change: Change) -> None:
        self._secrets.put_secret_value(SecretId=self._wanted.name, SecretString=self._content())
        self.rotated = True

    def _tag(self, change: Change) -> None:
        held, tags = change.before["tags"], change.after["tags"]
        if gone := sorted(set(held) - set(tags)):
            self._secrets.untag_resource(SecretId=self._wanted.name, TagKeys=gone)
        self._secrets.tag_resource(
            SecretId=self._wanted.name, Tags=[{"Key": key, "Value": value} for key, value in tags.items()]
        )

    def _set(self, _change: Change) -> None:
        """Set the secret's password on the instance, and tag it with the secret's version."""
        self._wait("available")
        value = self._secrets.get_secret_value(SecretId=self._wanted.name)
        content = json.loads(value["SecretString"])
        self._rds.modify_db_instance(
            DBInstanceIdentifier=self._wanted.instance, MasterUserPassword=content["password"], ApplyImmediately=True
        )
        instance = self._wait("set")
        self._rds.add_tags_to_resource(
            ResourceName=instance["DBInstanceArn"], Tags=[{"Key": VERSION_TAG, "Value": value["VersionId"]}]
        )

    def _wait(self, what: str) -> dict[str, t.Any]:
        """Wait until the instance is available and no change of the password is pending."""
        deadline = time.monotonic() + self._timeout
        while True:
            instance = self._instance()
            if instance is None:
                raise PlatformError(
                    f"The DB instance {self._wanted.instance} in {self._region} is gone. Fix: run again."
                )
            pending = "MasterUserPassword" in (instance.get("PendingModifiedValues") or {})
            if instance["DBInstanceStatus"] == "available" and not pending:
                return instance
            if time.monotonic() >= deadline:
                raise PlatformError(
                    f"Waited {self._timeout:.0f} s for {self._wanted.instance} in {self._region} to be {what}, and it is "
                    f"{instance['DBInstanceStatus']}. Fix: run again, or raise O(wait_timeout) where RDS is slow."
                )
            time.sleep(_INTERVAL)
