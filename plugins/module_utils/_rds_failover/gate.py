# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Wait, before anything is changed, for what would keep the fence up for longer. Servers and RDS are passed in."""

from __future__ import annotations

import time

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.dependencies import Limits
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.engine import Engine
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.promotion import PROMOTABLE
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.rds import Rds

_INTERVAL, _BACKUP_INTERVAL = 0.05, 2.0


def wait_promotable(rds: Rds, limits: Limits) -> None:
    """Wait until RDS would promote the replica, which it doesn't while it backs it up."""
    deadline = time.monotonic() + limits.ready
    while (status := (rds.describe() or {"DBInstanceStatus": "gone"})["DBInstanceStatus"]) not in PROMOTABLE:
        if time.monotonic() >= deadline:
            raise PlatformError(
                f"The replica {rds.name} is {status}, and RDS would not promote it. Waited {limits.ready:.0f} s "
                "(O(ready_timeout)). Nothing was changed. Fix: run again once it is available."
            )
        time.sleep(_BACKUP_INTERVAL)


def wait_close_behind(replica: Engine, limits: Limits) -> None:
    """Wait until the replica is close behind the writer: a fence before that would block writes for longer."""
    deadline = time.monotonic() + limits.lag
    while True:
        found = replica.replication()
        if found.lag_ms is not None and found.lag_ms <= limits.max_lag_ms:
            return
        if time.monotonic() >= deadline:
            raise PlatformError(
                f"The replica {replica.place} is {found.lag_ms} ms behind, and was never within O(max_lag_ms) "
                f"({limits.max_lag_ms:.0f}) for {limits.lag:.0f} s. Nothing was changed. Hint: wait for a quieter hour, or "
                "raise it."
            )
        time.sleep(_INTERVAL)
