# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Rights on databases are checked on everything that a request names: instances, groups, snapshots, and what is tagged by its ARN.

The emulator finds instances and clusters alone, so that a policy that names parameter groups allows nothing, and one that names an
instance allows to take any group or source for it.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonrds.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lab.emulator.patches._access_checks import Check, Request, replace

# By the parameter that names a resource of this kind, by its name or its ARN.
_KINDS = {
    "DBInstanceIdentifier": "db",
    "SourceDBInstanceIdentifier": "db",
    "SourceDBInstanceArn": "db",
    "DBParameterGroupName": "pg",
    "DBSubnetGroupName": "subgrp",
    "DBSnapshotIdentifier": "snapshot",
    "SourceDBSnapshotIdentifier": "snapshot",
    "TargetDBSnapshotIdentifier": "snapshot",
    "ResourceName": "",
}
# What a listing is checked on where it names nothing.
_LISTED = {
    "DescribeDBInstances": "db:*",
    "DescribeDBParameterGroups": "pg:*",
    "DescribeDBSubnetGroups": "subgrp:*",
    "DescribeDBSnapshots": "snapshot:*",
    "DescribeDBInstanceAutomatedBackups": "auto-backup:*",
}


def _checks(request: Request) -> Iterator[Check]:
    resources = [
        value if value.startswith("arn:") else request.arn("rds", f"{kind}:{value}")
        for name, kind in _KINDS.items()
        if (value := request.param(name))
    ]
    if not resources and request.action in _LISTED:
        resources = [request.arn("rds", _LISTED[request.action])]
    for resource in resources or [request.resource]:
        yield Check(resource)


def apply() -> None:
    replace("rds", _checks)
