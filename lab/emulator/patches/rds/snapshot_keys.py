# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""An encrypted snapshot is restored and copied only while its key can be used.

On AWS a snapshot whose key is disabled or pending deletion answers KMSKeyNotAccessibleFault. The emulator restores it all the same,
so that nothing would notice a key that is deleted under what is kept.
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RestoreDBInstanceFromDBSnapshot.html
"""

from __future__ import annotations

import ministack.services.kms as kms
import ministack.services.rds as rds
from ministack.core.responses import get_account_id, request_scope

from lab.emulator.state import databases

_NAMES = {"RestoreDBInstanceFromDBSnapshot": "DBSnapshotIdentifier", "CopyDBSnapshot": "SourceDBSnapshotIdentifier"}


def _is_usable(snapshot: dict) -> bool:
    """Tell whether the key is Enabled in the snapshot's region. AWS's own keys always are."""
    named = snapshot.get("KmsKeyId") or ""
    if not snapshot.get("Encrypted") or ":key/" not in named:
        return True
    with request_scope(get_account_id(), named.split(":")[3]):
        key = kms._resolve_key(named)
    return key is None or key["KeyState"] == "Enabled"


def _checked(action: str):
    call = rds._ACTION_MAP[action]

    def checked(params):
        named = rds._p(params, _NAMES[action])
        snapshot = rds._regional_get(rds._snapshots, named, "snapshot")
        if snapshot and not _is_usable(snapshot):
            text = f"The snapshot {named} can't be used: its key {snapshot['KmsKeyId']} is not accessible."
            return databases.refusal("KMSKeyNotAccessibleFault", text)
        return call(params)

    return checked


def apply() -> None:
    rds._ACTION_MAP |= {action: _checked(action) for action in _NAMES}
