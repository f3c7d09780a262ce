# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read automated backups, and restore, read and delete the instance; the clients are passed in."""

from __future__ import annotations

import time
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError, doing, found_or_none
from ansible_collections.knowledgecity.platform.plugins.module_utils._moments import written
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.credentials import read_versioned_login
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_instance_restore.model import (
    FROM_TAG,
    SECRET_TAG,
    TO_TAG,
    Backup,
    Instance,
    State,
    Wanted,
    find,
)

_INTERVAL = 2.0
_GONE = ("DBInstanceNotFound", "DBInstanceNotFoundFault")
# RDS's names of the settings.
_SETTINGS = {
    "instance_class": "DBInstanceClass",
    "subnet_group": "DBSubnetGroupName",
    "security_groups": "VpcSecurityGroupIds",
    "parameter_group": "DBParameterGroupName",
    "multi_az": "MultiAZ",
    "deletion_protection": "DeletionProtection",
}


class RestoreStore:
    """What one region has."""

    def __init__(self, rds: t.Any, secrets: t.Any, region: str, secret: str | None, timeout: float):
        self._rds = rds
        self._secrets = secrets
        self._region = region
        self._secret = secret
        self._timeout = timeout

    def read(self, wanted: Wanted) -> State:
        """Read the target, the secret, and the backups of the source where the target isn't there yet."""
        instance = self._instance(wanted.name)
        backups = () if instance else self._backups()
        secret = self._login()[:2] if self._secret else None
        return State(backups, instance, secret)

    def _instance(self, name: str) -> Instance | None:
        found = found_or_none(
            f"read the DB instance {name} in {self._region}",
            lambda: self._rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0],
            *_GONE,
        )
        if found is None:
            return None
        endpoint = found.get("Endpoint") or {}
        return Instance(
            arn=found["DBInstanceArn"],
            status=found["DBInstanceStatus"],
            username=found["MasterUsername"],
            endpoint=endpoint if endpoint.get("Address") else None,
            protected=bool(found.get("DeletionProtection")),
            settling="MasterUserPassword" in found.get("PendingModifiedValues", {}),
            tags={tag["Key"]: tag["Value"] for tag in found.get("TagList", [])},
        )

    def _backups(self) -> tuple[Backup, ...]:
        with doing(f"read the automated backups in {self._region}"):
            pages = self._rds.get_paginator("describe_db_instance_automated_backups").paginate()
            found = [item for page in pages for item in page["DBInstanceAutomatedBackups"]]
        return tuple(_backup(item) for item in found)

    def _login(self) -> tuple[str, str, str]:
        """Return the version, the user name and the password of the secret."""
        return read_versioned_login(self._secrets, self._secret, self._region)

    def create(self, wanted: Wanted, state: State) -> None:
        """Restore the instance, as soon as the backup reaches the second that is wanted."""
        backup = self._reaching(wanted, find(wanted, state.backups, self._region)[0])
        moment = wanted.moment or backup.last
        tags = wanted.tags | {FROM_TAG: backup.source_arn, TO_TAG: written(moment)}
        settings = {_SETTINGS[name]: value for name, value in wanted.settings.items() if value is not None}
        with doing(f"restore {wanted.source} to {written(moment)} as {wanted.name} in {self._region}"):
            self._rds.restore_db_instance_to_point_in_time(
                **backup.request(self._region),
                TargetDBInstanceIdentifier=wanted.name,
                RestoreTime=moment,
                PubliclyAccessible=False,
                CopyTagsToSnapshot=True,
                Tags=[{"Key": key, "Value": value} for key, value in sorted(tags.items())],
                **settings,
            )

    def _reaching(self, wanted: Wanted, backup: Backup) -> Backup:
        """Wait until the backup reaches the second: RDS keeps the logs every five minutes."""
        deadline = time.monotonic() + self._timeout
        while backup.last is None or (wanted.moment and backup.last < wanted.moment):
            if time.monotonic() >= deadline:
                last = written(backup.last) if backup.last else "no second yet"
                raise PlatformError(
                    f"The backup of {wanted.source} in {self._region} reaches {last} after {self._timeout:.0f} s. Nothing was "
                    "changed. Fix: wait until RDS has kept the logs (five minutes as a rule), or state an earlier O(restore_time)."
                )
            time.sleep(_INTERVAL)
            backup = next((item for item in self._backups() if item.arn == backup.arn), backup)
        return backup

    def set_password(self, name: str, arn: str) -> None:
        """Set the master password to the secret's, and tag the instance with the version."""
        version, _username, password = self._login()
        with doing(f"set the master password of {name} in {self._region}"):
            self._rds.modify_db_instance(DBInstanceIdentifier=name, MasterUserPassword=password, ApplyImmediately=True)
        with doing(f"tag {name} in {self._region}"):
            self._rds.add_tags_to_resource(ResourceName=arn, Tags=[{"Key": SECRET_TAG, "Value": version}])

    def delete(self, name: str) -> None:
        """Delete the instance with its own backups: its source has the data."""
        with doing(f"delete the DB instance {name} in {self._region}"):
            self._rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True, DeleteAutomatedBackups=True)


def _backup(item: dict[str, t.Any]) -> Backup:
    window = item.get("RestoreWindow") or {}
    return Backup(
        arn=item["DBInstanceAutomatedBackupsArn"],
        source_arn=item["DBInstanceArn"],
        identifier=item["DBInstanceIdentifier"],
        resource_id=item["DbiResourceId"],
        status=item["Status"],
        first=window.get("EarliestTime"),
        last=window.get("LatestTime"),
    )
