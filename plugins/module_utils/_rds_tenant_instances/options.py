# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Turn options into what is wanted: a tenant's settings before those of all tenants. Pure functions."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils import _rds_parameters as parameters
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances.model import Place, Wanted
from ansible_collections.knowledgecity.platform.plugins.module_utils._tenant_names import (
    INSTANCE_LENGTH,
    SECRET_LENGTH,
    identifier,
)

_FIELDS: dict[str, t.Any] = {
    "instance_class": "str",
    "storage_gib": "int",
    "storage_max_gib": "int",
    "storage_type": "str",
    "engine_version": "str",
    "parameter_family": "str",
    "parameters": "dict",
    "multi_az": "bool",
    "backup_retention_days": "int",
    "backup_window": "str",
    "maintenance_window": "str",
    "deletion_protection": "bool",
    "kms_key": "str",
    "subnets": "list",
    "security_groups": "list",
    "port": "int",
    "master_username": "str",
    "monitoring_interval": "int",
    "monitoring_role_arn": "str",
    "insights_days": "int",
    "replica": "bool",
    "replica_kms_key": "str",
    "tags": "dict",
}


def _spec(names: t.Mapping[str, str]) -> dict[str, t.Any]:
    lists = {"elements": "str"}
    return {
        name: {"type": kind} | (lists if kind == "list" else {}) | ({"no_log": False} if "key" in name else {})
        for name, kind in names.items()
    }


INSTANCE_SPEC = _spec({"identifier": "str", **_FIELDS})
DEFAULTS_SPEC = _spec(_FIELDS)
STANDBY_SPEC = _spec(
    {
        "name_prefix": "str",
        "kms_key": "str",
        "subnets": "list",
        "security_groups": "list",
        "monitoring_role_arn": "str",
        "backup_window": "str",
    }
) | {"region": {"type": "str", "required": True}}

# Options that are compared and modified as they are, with RDS's names.
_KEPT = {
    "instance_class": "DBInstanceClass",
    "storage_gib": "AllocatedStorage",
    "storage_max_gib": "MaxAllocatedStorage",
    "storage_type": "StorageType",
    "multi_az": "MultiAZ",
    "backup_retention_days": "BackupRetentionPeriod",
    "backup_window": "PreferredBackupWindow",
    "maintenance_window": "PreferredMaintenanceWindow",
    "deletion_protection": "DeletionProtection",
    "monitoring_interval": "MonitoringInterval",
}
# Settings of a new instance where nothing is stated: safe, and small.
_NEW = {
    "DBInstanceClass": "db.t4g.medium",
    "AllocatedStorage": 20,
    "StorageType": "gp3",
    "MultiAZ": True,
    "BackupRetentionPeriod": 14,
}


def wanted_instance(
    tenant: t.Mapping[str, t.Any],
    *,
    region: str,
    name_prefix: str,
    defaults: t.Mapping[str, t.Any] | None,
    standby: t.Mapping[str, t.Any] | None,
    secret_prefix: str,
    purge_parameters: bool,
) -> Wanted:
    """Return what is wanted for an entry of O(tenants)."""
    common, given = defaults or {}, tenant.get("instance") or {}
    name = tenant["name"]

    def option(key: str, otherwise: t.Any = None) -> t.Any:
        return next((held[key] for held in (given, common) if held.get(key) is not None), otherwise)

    residency = None if tenant.get("residency") is None else frozenset(tenant["residency"])
    at = Place(
        region,
        given.get("identifier") or identifier(name, INSTANCE_LENGTH, name_prefix),
        option("kms_key"),
        tuple(option("subnets", ())),
        tuple(sorted(option("security_groups", ()))),
        option("monitoring_role_arn"),
    )
    tags = {key: str(value) for held in (common, given) for key, value in (held.get("tags") or {}).items()}
    asked = {
        key: value for held in (common, given) for key, value in (held.get("parameters") or {}).items() if value != ""
    }
    elsewhere = replica = None
    if standby:
        elsewhere = _standby_place(at, name, standby, given.get("replica_kms_key") or common.get("replica_kms_key"))
    if option("replica", False) and standby and _has_replica(given, standby, residency):
        replica = elsewhere
    stated = {rds: option(key) for key, rds in _KEPT.items() if option(key) is not None}
    if option("insights_days") is not None:
        stated["PerformanceInsightsEnabled"] = option("insights_days") > 0
        if option("insights_days"):
            stated["PerformanceInsightsRetentionPeriod"] = option("insights_days")
    return Wanted(
        tenant=name,
        state=tenant["state"],
        at=at,
        replica=replica,
        stated={"DeletionProtection": True, "PubliclyAccessible": False, "CopyTagsToSnapshot": True} | stated,
        for_new={key: value for key, value in _NEW.items() if key not in stated} | {"Port": option("port", 3306)},
        parameters={key: parameters.as_text(value) for key, value in asked.items()} | parameters.REQUIRED,
        purge_parameters=purge_parameters,
        family=option("parameter_family", "mysql8.4"),
        engine_version=option("engine_version", "8.4"),
        master_username=option("master_username", "platform_admin"),
        master_secret=f"{secret_prefix}{identifier(name, SECRET_LENGTH)}/master",
        protected=tenant["protected"],
        residency=residency,
        replica_stated=given.get("replica"),
        final_snapshot=tenant.get("final_snapshot"),
        tags=tags,
        elsewhere=elsewhere,
    )


def _has_replica(
    given: t.Mapping[str, t.Any], standby: t.Mapping[str, t.Any], residency: frozenset[str] | None
) -> bool:
    """Return whether the replica is planned.

    A replica that only the defaults ask for is left out where the tenant's data may not be. One that the tenant itself asks for is
    planned, and `residency` refuses it.
    """
    return residency is None or standby["region"] in residency or bool(given.get("replica"))


def _standby_place(at: Place, tenant: str, standby: t.Mapping[str, t.Any], key: str | None) -> Place:
    prefix, region = standby.get("name_prefix"), standby["region"]
    return Place(
        region,
        identifier(tenant, INSTANCE_LENGTH, prefix) if prefix else at.identifier.replace(at.region, region),
        key or standby.get("kms_key"),
        tuple(standby.get("subnets") or ()),
        tuple(sorted(standby.get("security_groups") or ())),
        standby.get("monitoring_role_arn"),
        standby.get("backup_window"),
    )
