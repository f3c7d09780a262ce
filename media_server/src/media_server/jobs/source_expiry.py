# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Remove the sources that were kept for the set number of days, in the active region."""

from __future__ import annotations

import datetime
import threading

import structlog
from botocore.exceptions import BotoCoreError, ClientError

from media_server.errors import ConflictError, MediaError, NotFoundError
from media_server.jobs.states import PACKAGING, QUEUED, AssetStates
from media_server.sources.kept import KeptSources, today
from media_server.store.active import ActiveRegion

EVERY_S = 3600.0

log = structlog.get_logger("media_server.sources")


class SourceExpiry:
    """Removes sources after `days`; with 0 days none."""

    def __init__(self, sources: KeptSources, states: AssetStates, active: ActiveRegion, days: int) -> None:
        self._sources = sources
        self._states = states
        self._active = active
        self._days = days

    def run(self, date: datetime.date | None = None) -> int:
        """Remove the sources whose time is over. Return how many."""
        if not self._days or not self._active.is_here():
            return 0
        kept_since = (date or today()) - datetime.timedelta(days=self._days)
        removed = 0
        for began, tenant, asset, source in self._sources.marks():
            # The marks are in order of their dates.
            if began > kept_since:
                break
            if not self._release(tenant, asset, source):
                continue
            self._sources.remove(tenant, asset, source)
            self._sources.unmark(began, tenant, asset, source)
            log.info("source removed", tenant=tenant, asset=asset, source=source, kept_since=began.isoformat())
            removed += 1
        return removed

    def _release(self, tenant: str, asset: str, source: str) -> bool:
        """Take the source off the asset's state. Return whether no job may still read it."""
        try:
            state, etag = self._states.get(tenant, asset)
            if state.state in (QUEUED, PACKAGING):
                return False
            if state.source == source:
                self._states.change(state, etag, source=None)
        except NotFoundError:
            return True
        except ConflictError:
            return False
        return True

    def watch(self, ended: threading.Event, every_s: float = EVERY_S) -> None:
        """Run now and every `every_s` seconds, until `ended` is set."""
        while not ended.is_set():
            try:
                self.run()
            except (BotoCoreError, ClientError, MediaError) as error:
                log.warning("sources not removed", error=type(error).__name__, code=getattr(error, "code", None))
            ended.wait(every_s)
