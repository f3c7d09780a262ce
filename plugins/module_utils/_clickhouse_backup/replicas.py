# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Refuse to back up a replica that lags: its backup would lack rows that others have acknowledged."""

from __future__ import annotations

from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse.client import ClickHouse
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse.sql import string
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.selection import Selection
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError

_MOST_DELAY = 300  # seconds; the engine's own limit for queries (max_replica_delay_for_distributed_queries)


def check_replicas(server: ClickHouse, selection: Selection) -> None:
    """Raise PlatformError where a table to back up is a replica that lacks what others have had for some minutes."""
    databases = ", ".join(map(string, sorted(selection.all_databases)))
    rows = server.rows(
        "SELECT concat(database, '.', table) AS full_name, absolute_delay AS delay FROM system.replicas "
        f"WHERE has([{databases}]::Array(String), database) AND absolute_delay > {_MOST_DELAY}"
    )
    lagging = [f"{row['full_name']} ({row['delay']} s)" for row in rows if selection.holds(row["full_name"])]
    if lagging:
        raise PlatformError(
            f"This replica lags: {', '.join(lagging)}. A backup would lack the rows that it hasn't fetched. Fix: run SYSTEM SYNC "
            "REPLICA for these tables, then run again; or back up another replica. Nothing was changed."
        )
