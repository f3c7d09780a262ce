# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read and write the replication of automated backups; the clients are passed in."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import doing
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_backup_replication.model import Replication


class BackupReplicationStore:
    """The replications into one region."""

    def __init__(self, rds: t.Any, kms: t.Any, region: str):
        self._rds = rds
        self._kms = kms
        self._region = region

    def key_arn(self, key: str | None) -> str | None:
        """Return the ARN of a key that is named by alias, ID or ARN."""
        if not key or ":key/" in key:
            return key
        with doing(f"read the key {key} in {self._region}"):
            return self._kms.describe_key(KeyId=key)["KeyMetadata"]["Arn"]

    def read(self) -> list[Replication]:
        """Read all replications of the region, stopped ones as well."""
        with doing(f"read the automated backups in {self._region}"):
            pages = self._rds.get_paginator("describe_db_instance_automated_backups").paginate()
            found = [item for page in pages for item in page["DBInstanceAutomatedBackups"]]
        return [
            Replication(
                item["DBInstanceArn"],
                item["DBInstanceAutomatedBackupsArn"],
                item.get("BackupRetentionPeriod", 0),
                item.get("KmsKeyId") or None,
                item["Status"],
            )
            for item in found
            if f":rds:{self._region}:" not in item["DBInstanceArn"]
        ]

    def apply(self, changes: t.Iterable[Change]) -> None:
        """Stop and start replications."""
        for change in changes:
            source = change.name
            if change.action in ("delete", "replace"):
                with doing(f"stop the {change.resource} to {self._region}"):
                    self._rds.stop_db_instance_automated_backups_replication(SourceDBInstanceArn=source)
            if change.action in ("create", "replace"):
                asked = {
                    "SourceDBInstanceArn": source,
                    "BackupRetentionPeriod": change.after["retention_days"],
                    "SourceRegion": source.split(":")[3],
                }
                if change.after["kms_key_arn"]:
                    asked["KmsKeyId"] = change.after["kms_key_arn"]
                with doing(f"start the {change.resource} to {self._region}"):
                    self._rds.start_db_instance_automated_backups_replication(**asked)
