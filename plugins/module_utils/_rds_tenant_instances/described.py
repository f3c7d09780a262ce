# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Turn RDS's descriptions into the model. Pure functions."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances.model import (
    BACKING_UP,
    READY,
    Instance,
    region_of,
)

_VALUES = (
    *(
        "DBInstanceClass",
        "AllocatedStorage",
        "StorageType",
        "MultiAZ",
        "BackupRetentionPeriod",
        "PreferredBackupWindow",
    ),
    *("PreferredMaintenanceWindow", "DeletionProtection", "PubliclyAccessible", "CopyTagsToSnapshot"),
    *("MonitoringInterval", "MonitoringRoleArn", "PerformanceInsightsEnabled", "PerformanceInsightsRetentionPeriod"),
)


def instance(item: dict[str, t.Any]) -> Instance:
    """Turn an entry of DescribeDBInstances into an instance.

    Pending values count as set while the instance is being modified; else they wait for a maintenance window.
    """
    group = item["DBParameterGroups"][0]
    endpoint = item.get("Endpoint") or {}
    pending = {name: value for name, value in (item.get("PendingModifiedValues") or {}).items() if name in _VALUES}
    values = {name: item[name] for name in _VALUES if name in item}
    if item["DBInstanceStatus"] not in READY | {BACKING_UP}:
        values |= pending
    backups = item.get("DBInstanceAutomatedBackupsReplications") or []
    arn = item["DBInstanceArn"]
    return Instance(
        identifier=item["DBInstanceIdentifier"],
        arn=arn,
        region=region_of(arn),
        status=item["DBInstanceStatus"],
        endpoint=endpoint.get("Address"),
        port=endpoint.get("Port", 3306),
        engine=item["Engine"],
        encrypted=bool(item.get("StorageEncrypted")),
        kms_key=item.get("KmsKeyId") or None,
        master_username=item.get("MasterUsername", ""),
        managed_password=bool(item.get("MasterUserSecret")),
        subnet_group=(item.get("DBSubnetGroup") or {}).get("DBSubnetGroupName", ""),
        parameter_status=group.get("ParameterApplyStatus", ""),
        source=item.get("ReadReplicaSourceDBInstanceIdentifier") or None,
        replicas=tuple(item.get("ReadReplicaDBInstanceIdentifiers") or ()),
        backup_regions=tuple(sorted({region_of(copy["DBInstanceAutomatedBackupsArn"]) for copy in backups})),
        tags={tag["Key"]: tag["Value"] for tag in item.get("TagList") or []},
        values=values
        | {
            "MaxAllocatedStorage": item.get("MaxAllocatedStorage") or values.get("AllocatedStorage"),
            "VpcSecurityGroupIds": sorted(held["VpcSecurityGroupId"] for held in item.get("VpcSecurityGroups") or []),
            "DBParameterGroupName": group["DBParameterGroupName"],
        },
    )
