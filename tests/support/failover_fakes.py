# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Fakes of regions, each with a record, a journal, an instance and a server, for failovers without any of them."""

from __future__ import annotations

import dataclasses

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError, doing
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.dependencies import (
    Dependencies,
    Limits,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_record.model import Copy

from tests.support.failovers import HERE, RECORD, THERE, instance, server

LIMITS = Limits(max_lag_ms=200, ready=1, lag=1, fence=1, barrier=1, promotion=1)


class Region:
    """A region's record, journal, instance and server. It notes what changes them."""

    def __init__(self, name: str, happened: list[str], *, replica: bool):
        self.name = name
        self.place = f"instance in {name}"
        self.happened = happened
        self.replica = replica
        self.record = RECORD
        self.journal = None
        self.source = "arn:main"
        # Whether there is no instance, and what RDS answers to the ask for a promotion.
        self.gone = False
        self.lost = False
        self.refusal = None

    # Instance

    def read(self):
        if self.lost:
            raise PlatformError(f"{self.name} does not answer.")
        if self.gone:
            return None
        return instance("replica" if self.replica else "main", self.source if self.replica else "")

    def describe(self):
        source = {"ReadReplicaSourceDBInstanceIdentifier": "arn:main"} if self.replica else {}
        return {"DBInstanceStatus": "available"} | source

    def ask_to_promote(self):
        if self.refusal:
            with doing(f"promote {self.name}"):
                raise self.refusal
        self.happened.append(f"promote {self.name}")
        self.replica = False

    # Server

    def replication(self):
        return server(replica=self.replica)

    def read_only(self):
        return self.replica

    def executed(self):
        return "u:1-9"

    def received(self):
        return "u:1-9"

    def missing(self, _transactions):
        return ""

    def housekeeping(self, _transactions, _seconds):
        return ""

    def subtract(self, _transactions, _others):
        return ""

    def wait_for(self, _transactions, _seconds):
        return True

    def last_beat(self):
        return "2026-11-25T08:00:00.000000+00:00"

    def other_events(self):
        return []

    def accounts(self):
        if self.lost:
            raise PlatformError(f"{self.place} does not answer.")
        return [("app", "%")]

    def lock(self, accounts, *, locked):
        if not accounts:
            return
        self.happened.append(f"{'lock' if locked else 'unlock'} {accounts[0][0]} in {self.name}")

    def end_all_sessions(self, _deadline):
        self.happened.append(f"end sessions in {self.name}")

    def beating(self, *, on):
        self.happened.append(f"heartbeat {'on' if on else 'off'} in {self.name}")

    def prove_write(self):
        self.happened.append(f"write to {self.name}")

    def let_beat(self):
        self.happened.append(f"heartbeat on in {self.name}")

    def note_versions(self, versions):
        self.happened.append(f"note versions of {sorted(versions)} in {self.name}")

    def close(self):
        pass


class Journals:
    """The journal of a region."""

    def __init__(self, region: Region):
        self._region = region

    def read(self):
        return self._region.journal

    def write(self, journal):
        self._region.journal = dataclasses.replace(journal, version=journal.version + 1)
        return self._region.journal


class Records:
    """The copies of the region record."""

    def __init__(self, regions: dict[str, Region], names):
        self._regions = {name: regions[name] for name in names}

    def read(self):
        return [self._copy(name, region) for name, region in self._regions.items()]

    @staticmethod
    def _copy(name, region):
        if region.lost:
            return Copy(name, "unreadable", error="silent")
        return Copy(name, "present" if region.record else "absent", region.record)

    def write(self, name, record):
        region = self._regions[name]
        region.happened.append(f"record epoch {record.epoch} in {name}")
        region.record = record


def two_regions(happened: list[str]) -> tuple[dict[str, Region], Dependencies]:
    """Return a writer in HERE with a replica in THERE, and what a failover works with."""
    regions = {HERE: Region(HERE, happened, replica=False), THERE: Region(THERE, happened, replica=True)}
    return regions, Dependencies(
        journals=lambda name: Journals(regions[name]),
        records=lambda names: Records(regions, names),
        regions=[THERE, HERE],
        rds=lambda name: regions[name],
        engine=lambda name, _endpoint: regions[name],
        secrets=lambda: None,
        warn=happened.append,
    )
