# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Reads and writes of the replication of automated backups; the clients are passed in."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import doing
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_backup_replication.model import (
    Replication,
    Step,
)


class BackupReplicationStore:
    """The replications into one region."""

    def __init__(self, rds: t.Any, kms: t.Any, region: str):
        self._rds = rds
        self._kms = kms
        self._region = region

    def key_arn(self, key: str | None) -> str | None:
        """The ARN of a key that is named by alias, ID or ARN."""
        if not key or ":key/" in key:
            return key
        with doing(f"look for the key {key} in {self._region}"):
            return self._kms.describe_key(KeyId=key)["KeyMetadata"]["Arn"]

    def read(self) -> list[Replication]:
        """All that RDS tells of in the region, those of before as well."""
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
        for step in changes:
            if not isinstance(step, Step) or step.wanted is None:
                raise TypeError(f"not a step of this plan: {step!r}")
            if step.action in ("delete", "replace"):
                with doing(f"stop the {step.resource} to {self._region}"):
                    self._rds.stop_db_instance_automated_backups_replication(SourceDBInstanceArn=step.wanted.source_arn)
            if step.action in ("create", "replace"):
                asked = {
                    "SourceDBInstanceArn": step.wanted.source_arn,
                    "BackupRetentionPeriod": step.wanted.retention_days,
                    "SourceRegion": step.wanted.source_arn.split(":")[3],
                }
                if step.wanted.kms_key_arn:
                    asked["KmsKeyId"] = step.wanted.kms_key_arn
                with doing(f"start the {step.resource} to {self._region}"):
                    self._rds.start_db_instance_automated_backups_replication(**asked)
