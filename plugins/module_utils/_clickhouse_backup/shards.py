# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Refuse a server that is one shard of several: a backup of it would hold a part of the rows only."""

from __future__ import annotations

from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse.client import ClickHouse
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError

# A cluster counts where it has this server, and a shard without it: the examples of ClickHouse's own configuration are all local.
_CLUSTERS = (
    "SELECT cluster AS name, uniqExact(shard_num) AS shards, uniqExactIf(shard_num, is_local) AS here FROM system.clusters "
    "GROUP BY cluster ORDER BY cluster"
)


def check_shards(server: ClickHouse, cluster: str | None) -> None:
    """Raise PlatformError where the server, or the cluster that is named, has more than one shard."""
    for row in server.rows(_CLUSTERS):
        shards, here = int(row["shards"]), int(row["here"])
        if shards > 1 and (row["name"] == cluster or 0 < here < shards):
            raise PlatformError(
                f"The cluster {row['name']} of this ClickHouse server has {shards} shards. A backup of one shard lacks the "
                "rows of the others, and backups of several shards have not been proven with this module. Fix: back up "
                "each shard by ClickHouse's own BACKUP. Nothing was changed."
            )
