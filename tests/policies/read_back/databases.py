# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""DB instances as they are."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator

from tests.policies.template import Properties, Resource, chosen


def databases(rds: t.Any, prefix: str) -> Iterator[Resource]:
    """The DB instances whose names begin so."""
    for page in rds.get_paginator("describe_db_instances").paginate():
        for instance in page["DBInstances"]:
            if instance["DBInstanceIdentifier"].startswith(prefix):
                yield Resource("AWS::RDS::DBInstance", instance["DBInstanceIdentifier"], _properties(instance))


def _properties(instance: Properties) -> Properties:
    found = chosen(
        instance,
        *(
            "DBInstanceIdentifier",
            "DBInstanceClass",
            "Engine",
            "EngineVersion",
            "MultiAZ",
            "StorageEncrypted",
            "KmsKeyId",
        ),
        *("PubliclyAccessible", "DeletionProtection", "BackupRetentionPeriod", "AutoMinorVersionUpgrade"),
        *("CopyTagsToSnapshot", "MonitoringInterval", "MonitoringRoleArn"),
    )
    return found | {
        "EnablePerformanceInsights": instance.get("PerformanceInsightsEnabled", False),
        "EnableIAMDatabaseAuthentication": instance.get("IAMDatabaseAuthenticationEnabled", False),
        "EnableCloudwatchLogsExports": instance.get("EnabledCloudwatchLogsExports", []),
    }
