# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Judge whether an unfinished backup is being written, or was left by a run that was killed. Pure functions."""

from __future__ import annotations

import dataclasses
import datetime

from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.model import REQUEST, Backup

# Seconds that a run may take between writing its request and the start in the engine.
START_GRACE = 15.0


@dataclasses.dataclass(frozen=True)
class Server:
    """The server: its name, its uptime in seconds, and the ids of the backups that it is writing."""

    host: str
    uptime: float
    running: frozenset[str]


@dataclasses.dataclass(frozen=True)
class Clock:
    """S3's time, and the seconds without a write after which another server's backup counts as stale."""

    now: datetime.datetime
    stale_after: float

    def age(self, moment: datetime.datetime) -> float:
        """Return the seconds since a moment of S3's clock."""
        return (self.now - moment).total_seconds()


def judge(backup: Backup, server: Server, clock: Clock) -> str:
    """Return `running`, `stale`, `starting` (a run may be about to start it) or `foreign` (another server may be writing it)."""
    request = backup.request or {}
    if request.get("id") in server.running:
        return "running"
    if request.get("host") == server.host:
        # It isn't running here, so it never started, it failed, or the server forgot it when it was restarted.
        since = clock.age(backup.objects[REQUEST].modified)
        return "stale" if since > START_GRACE or server.uptime < since else "starting"
    return "stale" if clock.age(backup.touched) > clock.stale_after else "foreign"
