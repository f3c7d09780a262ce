# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Execute the steps of a failover. Each can be executed again, wherever an earlier run was cut off.

`prepare` finds what has to be in the journal before a step changes anything. The other methods are named after the steps.
"""

from __future__ import annotations

import dataclasses
import datetime
import time

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover import secrets
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.dependencies import (
    Dependencies,
    Limits,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.fences import FENCES, Fence
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.gate import (
    wait_close_behind,
    wait_promotable,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.journal import Journal, Place
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.model import Wanted
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.patience import until_fenced
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.plan import new_record
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.promotion import Promotion
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_record.model import Record

_INTERVAL = 0.05
# In an emergency the old writer is locked, whatever O(fence) says: this needs no API of its region.
_EMERGENCY_FENCE = "lock_and_kill"
_EMERGENCY_FENCE_SECONDS = 10.0
# Seconds for the binary log of the old writer.
_READING = 60.0


def now_ms() -> int:
    """Return the time in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


class Executor:
    """Change the instances, the region record and the secrets, one step a method."""

    def __init__(
        self,
        wanted: Wanted,
        dependencies: Dependencies,
        limits: Limits,
        source: Place,
        target: Place,
        *,
        source_answered: bool,
    ):
        self._wanted = wanted
        self._dependencies = dependencies
        self._limits = limits
        self._source = dependencies.engine(source.region, source.endpoint)
        self._target = dependencies.engine(target.region, target.endpoint)
        self._source_rds = dependencies.rds(source.region)
        self._target_rds = dependencies.rds(target.region)
        self._source_answered = source_answered
        self._fence_noted = 0
        self._first_ask = False

    def _fence(self, journal: Journal) -> Fence:
        return self._fence_of(journal.fence if journal.mode == "planned" else _EMERGENCY_FENCE)

    def _fence_of(self, kind: str) -> Fence:
        return FENCES[kind](self._source, self._source_rds, self._wanted.fence_security_group)

    # Before a step

    def gate(self, journal: Journal) -> None:
        """Wait for a backup of the replica to end and, in a planned failover, for its lag."""
        wait_promotable(self._target_rds, self._limits)
        if journal.mode == "planned":
            if self._wanted.name and not self._source.replication().beat:
                self._source.let_beat()
            wait_close_behind(self._target, self._limits)
            wait_promotable(self._target_rds, self._limits)

    def prepare(self, step: str, journal: Journal) -> Journal:
        """Return the journal with what a step must know to be repeated or taken back."""
        if step == "fence":
            if journal.fence == "lock_and_kill" and (events := self._source.other_events()):
                raise PlatformError(
                    f"{self._source.place} has events that write whoever is locked: {', '.join(events)}. Fix: disable them, or use "
                    "O(fence=parameter_group)."
                )
            self._fence_noted = now_ms()
            return journal.knowing(**self._fence(journal).prepare(journal.facts)).marked(
                "fence_begun", self._fence_noted
            )
        if step in ("reach", "late_fence"):
            return self._prepare_late(step, journal)
        if step == "promote":
            self._first_ask = "promotion_asked" not in journal.marks
            known = journal.facts.get("last_beat") or self._last_beat()
            return journal.knowing(last_beat=known).marked("promotion_asked", now_ms())
        return journal

    def _prepare_late(self, step: str, journal: Journal) -> Journal:
        if journal.facts.get("fenced") or (step == "late_fence" and self._harmless()):
            return journal
        if step == "late_fence":
            return journal.knowing(**self._fence(journal).prepare(journal.facts))
        warn = self._dependencies.warn
        known = until_fenced(lambda: self._fence(journal).prepare(journal.facts), self._fence_deadline, warn)
        return journal.knowing(silent=True) if known is None else journal.knowing(silent=False, **known)

    @property
    def _fence_deadline(self) -> float:
        """Return until when the fence of an emergency is tried: once where the old writer did not answer when this run began."""
        return time.monotonic() + (min(self._limits.fence, _EMERGENCY_FENCE_SECONDS) if self._source_answered else 0)

    def _harmless(self) -> bool:
        """Return whether the old writer is gone or can't take writes, since it is stopped or a replica by now."""
        found = self._source_rds.read()
        return found is None or bool(found.source) or found.status in ("stopped", "deleting")

    def _last_beat(self) -> str | None:
        try:
            return self._target.last_beat()
        except PlatformError:
            return None  # it reboots: an earlier run was cut off after it had asked for the promotion

    # Planned

    def fence(self, journal: Journal) -> Journal:
        """Keep everybody from writing to the old writer."""
        self._source.beating(on=False)
        if journal.marks["fence_begun"] == self._fence_noted:
            # Not resumed: the block begins now, after the journal was written.
            journal = dataclasses.replace(journal, marks=journal.marks | {"fence_begun": now_ms()})
        self._fence(journal).raise_(journal.facts, time.monotonic() + self._limits.fence)
        return self._fenced(journal).marked("fenced", now_ms())

    def take_back(self, journal: Journal) -> None:
        """Let the old writer take writes again. An emergency may have followed a planned failover that fenced in another way."""
        for kind in dict.fromkeys((journal.fence, _EMERGENCY_FENCE)):
            self._fence_of(kind).take_back(journal.facts, time.monotonic() + self._limits.fence)
        self._source.beating(on=True)

    def drain(self, journal: Journal) -> Journal:
        """Wait until the replica has applied all transactions of the old writer."""
        if not self._drained():
            raise PlatformError(
                f"{self._target.place} did not apply all that {self._source.place} has within {self._limits.barrier:.0f} s "
                "(O(barrier_timeout))."
            )
        return journal.knowing(drained=True).marked("drained", now_ms())

    def _drained(self) -> bool:
        """Wait until nothing is missing and the old writer has written nothing meanwhile. Return False after O(barrier_timeout)."""
        deadline = time.monotonic() + self._limits.barrier
        wanted = self._source.executed()
        while self._target.wait_for(wanted, deadline - time.monotonic()):
            latest = self._source.executed()
            if latest == wanted:
                return True
            wanted = latest
        return False

    def promote(self, journal: Journal) -> Journal:
        """Promote the replica, and wait until it takes writes."""
        deadline = time.monotonic() + self._limits.promotion
        Promotion(self._target_rds, first=self._first_ask).complete(deadline)
        self._target.close()
        journal = journal.marked("promoted", now_ms())
        while self._refuses_writes():
            if time.monotonic() >= deadline:
                raise PlatformError(
                    f"{self._target.place} was promoted, but does not take writes. Fix: run again to wait longer."
                )
            time.sleep(_INTERVAL)
        return journal

    def _refuses_writes(self) -> bool:
        try:
            return self._target.read_only()
        except PlatformError:
            return True

    def record(self, journal: Journal) -> Journal:
        """Write the region record of the target region."""
        self._write_copy(journal, journal.target.region)
        return journal.marked("recorded", now_ms())

    def _write_copy(self, journal: Journal, region: str) -> None:
        since = datetime.datetime.fromtimestamp(journal.marks["begun"] / 1000, datetime.UTC)
        wanted: Record = new_record(journal, since.isoformat(timespec="seconds"))
        store = self._dependencies.records([region])
        try:
            store.write(region, wanted)  # before it is read: nobody can write until it is there
        except PlatformError:
            (copy,) = store.read()
            if copy.status != "no_table" and copy.record != wanted:
                raise

    def open(self, journal: Journal) -> Journal:
        """Unlock the accounts, whose locks were replicated, and prove that the new writer takes writes."""
        self._target.lock([tuple(account) for account in journal.facts.get("accounts", [])], locked=False)
        self._target.prove_write()
        journal = journal.marked("opened", now_ms())
        self._target.let_beat()
        return journal

    def secrets(self, journal: Journal) -> Journal:
        """Promote the replicated secrets of the target region, and let those that named the old writer name the new one.

        A user's attribute says which version of its secret the password is: the password is the same, the version another one.
        """
        names, prefix, region = self._wanted.secret_names, self._wanted.secret_prefix, journal.target.region
        if names or prefix:
            client = self._dependencies.secrets()
            which = {"SecretIdList": list(names)} if names else {"Filters": [{"Key": "name", "Values": [prefix]}]}
            secrets.promote(client, region, names or secrets.replicas(client, region, prefix))
            hosts = (journal.source.endpoint, journal.target.endpoint)
            moved = secrets.move_hosts(client, which, hosts, journal.name, self._dependencies.warn)
            self._target.note_versions({item.user: (item.before, item.version) for item in moved})
        return journal

    def copies(self, journal: Journal) -> Journal:
        """Write the region record of the other regions."""
        for region in self._dependencies.regions:
            if region != journal.target.region:
                self._write_copy(journal, region)
        return journal

    # Emergency

    def reach(self, journal: Journal) -> Journal:
        """Fence the old writer if it answers."""
        if journal.facts.get("fenced") or journal.facts.get("silent", True):
            return journal
        deadline = time.monotonic() + self._limits.fence

        def fence() -> Journal:
            self._source.beating(on=False)
            self._fence(journal).raise_(journal.facts, deadline)
            return self._fenced(journal).marked("fenced", now_ms())

        return until_fenced(fence, self._fence_deadline, self._dependencies.warn) or journal

    def _fenced(self, journal: Journal) -> Journal:
        """Note what the old writer had when nobody could write to it any more: what comes after is RDS's own."""
        return journal.knowing(fenced=True, fenced_gtids=journal.facts.get("fenced_gtids") or self._source.executed())

    def apply(self, journal: Journal) -> Journal:
        """Wait until the replica has applied all that it received or, where the old writer was fenced, all that this one has."""
        if journal.facts.get("fenced"):
            try:
                if self._drained():
                    return journal.knowing(drained=True).marked("drained", now_ms())
            except PlatformError as error:
                self._dependencies.warn(f"The old writer no longer answers: {error}")
        received = self._target.received()
        if not received or self._target.wait_for(received, self._limits.barrier if self._applies() else 0):
            return journal
        if not self._wanted.accept_unapplied:
            raise PlatformError(
                f"{self._target.place} did not apply what it had received within {self._limits.barrier:.0f} s. Fix: run again to "
                "wait longer, or raise O(barrier_timeout). Where its applier can't go on, O(accept_unapplied) gives up the "
                f"transactions that it has not applied: {self._target.missing(received)}."
            )
        unapplied = self._target.missing(received)
        self._dependencies.warn(
            f"{self._target.place} has not applied what it had received, which is lost: {unapplied}."
        )
        return journal.knowing(unapplied_gtids=unapplied)

    def _applies(self) -> bool:
        """Return whether waiting makes sense: an applier that stands applies nothing more."""
        return self._target.replication().applying is not False

    def late_fence(self, journal: Journal) -> Journal:
        """Fence the old writer once it can be reached, and read which transactions only it has."""
        harmless = not journal.facts.get("fenced") and self._harmless()
        if not journal.facts.get("fenced") and not harmless:
            self._source.beating(on=False)
            self._fence(journal).raise_(journal.facts, time.monotonic() + self._limits.fence)
            journal = self._fenced(journal)
        journal = journal.knowing(fenced=True).marked("old_fenced", now_ms())
        try:
            if events := self._source.other_events():
                self._dependencies.warn(f"Events of the old writer still write to it: {', '.join(events)}.")
            return journal.knowing(**self._errant(journal))
        except PlatformError as error:
            self._dependencies.warn(f"What only the old writer has can't be read: {error}")
            return journal

    def _errant(self, journal: Journal) -> dict[str, str]:
        """Return which transactions only the old writer has; apart, those that are nobody's rows, as all after the fence are."""
        executed = self._source.executed()
        errant = self._target.missing(journal.facts.get("fenced_gtids") or executed)
        try:
            errant = self._target.subtract(errant, self._source.housekeeping(errant, _READING))
        except PlatformError as error:
            self._dependencies.warn(f"Which of the lost transactions are heartbeats can't be read: {error}")
        rest = self._target.subtract(self._target.missing(executed), errant)
        return {"errant_gtids": errant, "housekeeping_gtids": rest}
