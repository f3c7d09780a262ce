# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The steps of a failover, carried out. Each can be carried out again, wherever the run before was cut off.

`prepare` finds what has to stand in the journal before a step changes anything; the other methods are named after the steps.
"""

from __future__ import annotations

import dataclasses
import datetime
import time

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover import secrets
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.actors import Actors, Limits
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.fences import FENCES, Fence
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.journal import Journal, Place
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.model import Wanted
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.plan import new_record
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_record.model import Record

_INTERVAL = 0.05
# The old writer is locked in an emergency, whatever O(fence): that needs nothing of its region's API.
_EMERGENCY_FENCE = "lock_and_kill"


def now_ms() -> int:
    return time.time_ns() // 1_000_000


class Moves:
    """What a run does to the instances, the record and the secrets."""

    def __init__(self, wanted: Wanted, actors: Actors, limits: Limits, source: Place, target: Place):
        self._wanted = wanted
        self._actors = actors
        self._limits = limits
        self._source = actors.engine(source.region, source.endpoint)
        self._target = actors.engine(target.region, target.endpoint)
        self._source_rds = actors.rds(source.region)
        self._target_rds = actors.rds(target.region)
        self._fence_noted = 0

    def _fence(self, journal: Journal) -> Fence:
        kind = journal.fence if journal.mode == "planned" else _EMERGENCY_FENCE
        return FENCES[kind](self._source, self._source_rds, self._wanted.fence_security_group)

    # Before a step

    def gate(self) -> None:
        """Wait until the replica is close behind: a fence while it isn't would keep everybody waiting."""
        deadline = time.monotonic() + self._limits.lag
        while True:
            seen = self._target.replication()
            if seen.lag_ms is not None and seen.lag_ms <= self._limits.max_lag_ms:
                return
            if time.monotonic() >= deadline:
                raise PlatformError(
                    f"The replica {self._target.place} is {seen.lag_ms} ms behind, and was never within O(max_lag_ms) "
                    f"({self._limits.max_lag_ms:.0f}) for {self._limits.lag:.0f} s. Nothing was changed. Wait for a quieter "
                    "hour, or raise it."
                )
            time.sleep(_INTERVAL)

    def prepare(self, step: str, journal: Journal) -> Journal:
        if step == "fence":
            if journal.fence == "lock_and_kill" and (events := self._source.other_events()):
                raise PlatformError(
                    f"{self._source.place} has events that write whoever is locked: {', '.join(events)}. Disable them, or use "
                    "O(fence=parameter_group)."
                )
            self._fence_noted = now_ms()
            return journal.knowing(**self._fence(journal).prepare(journal.facts)).marked(
                "fence_begun", self._fence_noted
            )
        if step in ("reach", "late_fence"):
            return self._prepare_late(step, journal)
        if step == "promote":
            known = journal.facts.get("last_beat") or self._last_beat()
            return journal.knowing(last_beat=known).marked("promotion_asked", now_ms())
        return journal

    def _prepare_late(self, step: str, journal: Journal) -> Journal:
        if journal.facts.get("fenced") or (step == "late_fence" and self._harmless()):
            return journal
        try:
            return journal.knowing(silent=False, **self._fence(journal).prepare(journal.facts))
        except PlatformError as error:
            if step == "late_fence":
                raise
            self._actors.warn(f"The old writer can't be fenced yet: {error}")
            return journal.knowing(silent=True)

    def _harmless(self) -> bool:
        """Whether the old writer is gone, or can't take writes: it is stopped, or a replica by now."""
        found = self._source_rds.read()
        return found is None or bool(found.source) or found.status in ("stopped", "deleting")

    def _last_beat(self) -> str | None:
        try:
            return self._target.last_beat()
        except PlatformError:
            return None  # it reboots: a run before was cut off after it had asked for the promotion

    # Planned

    def fence(self, journal: Journal) -> Journal:
        self._source.beating(on=False)
        if journal.marks["fence_begun"] == self._fence_noted:
            # Not resumed: the block begins now, and not while the journal was written.
            journal = dataclasses.replace(journal, marks=journal.marks | {"fence_begun": now_ms()})
        self._fence(journal).raise_(journal.facts, time.monotonic() + self._limits.fence)
        return journal.knowing(fenced=True).marked("fenced", now_ms())

    def take_back(self, journal: Journal) -> None:
        """Let the old writer take writes again."""
        self._fence(journal).take_back(journal.facts, time.monotonic() + self._limits.fence)
        self._source.beating(on=True)

    def drain(self, journal: Journal) -> Journal:
        if not self._drained():
            raise PlatformError(
                f"{self._target.place} did not apply all that {self._source.place} has within {self._limits.barrier:.0f} s "
                "(O(barrier_timeout))."
            )
        return journal.knowing(drained=True).marked("drained", now_ms())

    def _drained(self) -> bool:
        """Until nothing is missing and the old writer has written nothing in the meantime."""
        deadline = time.monotonic() + self._limits.barrier
        wanted = self._source.executed()
        while self._target.wait_for(wanted, deadline - time.monotonic()):
            latest = self._source.executed()
            if latest == wanted:
                return True
            wanted = latest
        return False

    def promote(self, journal: Journal) -> Journal:
        deadline = time.monotonic() + self._limits.promotion
        self._target_rds.promote()
        self._target.close()
        self._target_rds.wait_promoted(deadline)
        journal = journal.marked("promoted", now_ms())
        while self._refuses_writes():
            if time.monotonic() >= deadline:
                raise PlatformError(
                    f"{self._target.place} was promoted, but does not take writes. Run again to wait on."
                )
            time.sleep(_INTERVAL)
        return journal

    def _refuses_writes(self) -> bool:
        try:
            return self._target.read_only()
        except PlatformError:
            return True

    def record(self, journal: Journal) -> Journal:
        self._write_copy(journal, journal.target.region)
        return journal.marked("recorded", now_ms())

    def _write_copy(self, journal: Journal, region: str) -> None:
        since = datetime.datetime.fromtimestamp(journal.marks["begun"] / 1000, datetime.UTC)
        wanted: Record = new_record(journal, since.isoformat(timespec="seconds"))
        store = self._actors.records([region])
        try:
            store.write(region, wanted)  # first of all: nobody can write until it is there
        except PlatformError:
            (copy,) = store.read()
            if copy.status != "no_table" and copy.record != wanted:
                raise

    def open(self, journal: Journal) -> Journal:
        """What the fence locked was locked here, too, by replication."""
        self._target.lock([tuple(account) for account in journal.facts.get("accounts", [])], locked=False)
        self._target.prove_write()
        journal = journal.marked("opened", now_ms())
        self._target.let_beat()
        return journal

    def secrets(self, journal: Journal) -> Journal:
        prefix, region = self._wanted.secret_prefix, journal.target.region
        if prefix:
            client = self._actors.secrets()
            secrets.promote(client, region, secrets.replicas(client, region, prefix))
        return journal

    def copies(self, journal: Journal) -> Journal:
        for region in self._actors.regions:
            if region != journal.target.region:
                self._write_copy(journal, region)
        return journal

    # Emergency

    def reach(self, journal: Journal) -> Journal:
        if journal.facts.get("fenced") or journal.facts.get("silent", True):
            return journal
        try:
            self._source.beating(on=False)
            self._fence(journal).raise_(journal.facts, time.monotonic() + self._limits.fence)
        except PlatformError as error:
            self._actors.warn(f"The old writer can't be fenced yet: {error}")
            return journal
        return journal.knowing(fenced=True).marked("fenced", now_ms())

    def apply(self, journal: Journal) -> Journal:
        """All that was received; where the old writer could be fenced, all that it has."""
        if journal.facts.get("fenced"):
            try:
                if self._drained():
                    return journal.knowing(drained=True).marked("drained", now_ms())
            except PlatformError as error:
                self._actors.warn(f"The old writer no longer answers: {error}")
        received = self._target.received()
        if received and not self._target.wait_for(received, self._limits.barrier):
            raise PlatformError(
                f"{self._target.place} did not apply what it had received within {self._limits.barrier:.0f} s. Run again to "
                "wait on, or raise O(barrier_timeout)."
            )
        return journal

    def late_fence(self, journal: Journal) -> Journal:
        if not journal.facts.get("fenced") and not self._harmless():
            self._source.beating(on=False)
            self._fence(journal).raise_(journal.facts, time.monotonic() + self._limits.fence)
        journal = journal.knowing(fenced=True).marked("old_fenced", now_ms())
        try:
            if events := self._source.other_events():
                self._actors.warn(f"Events of the old writer still write to it: {', '.join(events)}.")
            return journal.knowing(errant_gtids=self._target.missing(self._source.executed()))
        except PlatformError as error:
            self._actors.warn(f"What only the old writer has can't be read: {error}")
            return journal
