# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Describe a tenant's instance for Terraform and for the AWS CLI. Pure functions; no secret is in either."""

from __future__ import annotations

import shlex
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances.model import Instance
from ansible_collections.knowledgecity.platform.plugins.module_utils._tenant_names import SECRET_LENGTH, identifier

# Attribute: option of `aws rds modify-db-instance`.
_OPTIONS = {
    "DBInstanceClass": "db-instance-class",
    "AllocatedStorage": "allocated-storage",
    "MaxAllocatedStorage": "max-allocated-storage",
    "StorageType": "storage-type",
    "DBParameterGroupName": "db-parameter-group-name",
    "BackupRetentionPeriod": "backup-retention-period",
    "PreferredBackupWindow": "preferred-backup-window",
    "PreferredMaintenanceWindow": "preferred-maintenance-window",
    "MonitoringInterval": "monitoring-interval",
    "MonitoringRoleArn": "monitoring-role-arn",
    "PerformanceInsightsRetentionPeriod": "performance-insights-retention-period",
}
_SWITCHES = {
    "MultiAZ": "multi-az",
    "DeletionProtection": "deletion-protection",
    "PubliclyAccessible": "publicly-accessible",
    "CopyTagsToSnapshot": "copy-tags-to-snapshot",
    "PerformanceInsightsEnabled": "enable-performance-insights",
}


def terraform(tenant: str, instance: Instance, home_region: str) -> str:
    """Return import blocks (Terraform 1.5 and later); ``terraform plan -generate-config-out`` writes their resources.

    A region other than ``home_region`` has a provider alias of its name.
    """
    label = identifier(tenant, SECRET_LENGTH)
    if not label[0].isalpha():
        label = f"tenant_{label}"  # Terraform's names begin with a letter
    provider = ""
    if instance.region != home_region:
        alias = instance.region.replace("-", "_")
        label, provider = f"{label}_{alias}", f"\n  provider = aws.{alias}"
    things = {"aws_db_instance": instance.identifier, "aws_db_parameter_group": instance.parameter_group}
    if instance.subnet_group:
        things["aws_db_subnet_group"] = instance.subnet_group
    blocks = [
        f'import {{{provider}\n  to = {resource}.{label}\n  id = "{name}"\n}}\n' for resource, name in things.items()
    ]
    return "\n".join(blocks)


def aws_cli(instance: Instance) -> dict[str, str]:
    """Return the command that describes the instance, and the one that restores its settings."""
    named = ["--region", instance.region, "--db-instance-identifier", instance.identifier]
    values = instance.values
    asked: list[str] = []
    for attribute, option in _OPTIONS.items():
        value = values.get(attribute)
        if _worth_saying(attribute, value, values):
            asked += [f"--{option}", str(value)]
    asked += [
        f"--{option}" if values[attribute] else _negated(option)
        for attribute, option in _SWITCHES.items()
        if values.get(attribute) is not None
    ]
    if values.get("VpcSecurityGroupIds"):
        asked += ["--vpc-security-group-ids", *values["VpcSecurityGroupIds"]]
    return {
        "describe": shlex.join(["aws", "rds", "describe-db-instances", *named]),
        "modify": shlex.join(["aws", "rds", "modify-db-instance", *named, *asked, "--apply-immediately"]),
    }


def _worth_saying(attribute: str, value: t.Any, values: t.Mapping[str, t.Any]) -> bool:
    """Return whether the CLI would accept the attribute: it has a value, and what it belongs to is on."""
    if attribute == "MaxAllocatedStorage":
        return bool(value) and value > values.get("AllocatedStorage", 0)
    if attribute == "MonitoringRoleArn":
        return bool(value) and bool(values.get("MonitoringInterval"))
    if attribute == "PerformanceInsightsRetentionPeriod":
        return bool(value) and bool(values.get("PerformanceInsightsEnabled"))
    return value not in (None, "")


def _negated(option: str) -> str:
    return f"--no-{option}"
