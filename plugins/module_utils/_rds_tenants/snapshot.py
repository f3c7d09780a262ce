# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Take the final snapshot of the shared instance, without which no tenant is removed; the client is passed in."""

from __future__ import annotations

import time
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError, doing

_INTERVAL = 2.0


def take(rds: t.Any, instance: str, name: str, timeout: float) -> None:
    """Take the snapshot, and wait until it is available."""
    with doing(f"take the snapshot {name} of {instance}"):
        try:
            rds.create_db_snapshot(DBSnapshotIdentifier=name, DBInstanceIdentifier=instance)
        except rds.exceptions.DBSnapshotAlreadyExistsFault as error:
            raise PlatformError(
                f"The snapshot {name} exists already, and would not hold what is removed now. Fix: name another final_snapshot."
            ) from error
    deadline = time.monotonic() + timeout
    while True:
        with doing(f"read the snapshot {name}"):
            found = rds.describe_db_snapshots(DBSnapshotIdentifier=name)["DBSnapshots"][0]
        if found["Status"] == "available":
            return
        if found["Status"] == "failed" or time.monotonic() >= deadline:
            raise PlatformError(f"The snapshot {name} of {instance} is {found['Status']}. No tenant was removed.")
        time.sleep(_INTERVAL)
