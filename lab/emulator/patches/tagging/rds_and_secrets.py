# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""GetResources also finds databases, their groups and snapshots, and secrets.

On AWS the Resource Groups Tagging API lists them; the emulator's leaves both services out, so that a scan for a platform's tag
would not see a database that was left.
https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html
"""

from __future__ import annotations

import ministack.services.rds as rds
import ministack.services.tagging as tagging

_STORES = {
    "DBInstanceArn": rds._instances,
    "DBSnapshotArn": rds._snapshots,
    "DBParameterGroupArn": rds._param_groups,
    "DBSubnetGroupArn": rds._subnet_groups,
}


def _collect_rds():
    for field, store in _STORES.items():
        for item in store.values():
            # The emulator keeps a copied snapshot's tags with the snapshot alone.
            if tags := rds._tags.get(item[field]) or item.get("TagList"):
                yield item[field], list(tags)


def apply() -> None:
    tagging._COLLECTORS |= {"rds": _collect_rds, "secretsmanager": tagging._collect_secretsmanager}
