# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Puts the parts together: what is read, judged, planned and written for one module call."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import Verdict, judge
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change
from ansible_collections.knowledgecity.platform.plugins.module_utils._route53 import RecordSet, Route53, Zone
from ansible_collections.knowledgecity.platform.plugins.module_utils._route53_failover_records import checks, model
from ansible_collections.knowledgecity.platform.plugins.module_utils._route53_failover_records.model import (
    Owner,
    Wanted,
    World,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._route53_failover_records.store import (
    HealthCheckStore,
)


@dataclasses.dataclass(frozen=True)
class State:
    """What was read, and what the checks came to."""

    zone: Zone | None
    world: World
    verdict: Verdict


class Reconciler:
    """Reads, plans and applies the failover records of one module call."""

    def __init__(
        self,
        entries: t.Sequence[Wanted],
        zone_name: str,
        owner: Owner,
        route53: Route53,
        store: HealthCheckStore,
        *,
        check_mode: bool,
        timeout: float,
    ):
        self._entries = entries
        self._zone_name = zone_name
        self._owner = owner
        self._route53 = route53
        self._store = store
        self._check_mode = check_mode
        self._timeout = timeout

    def read(self) -> State:
        """The zone's records and the owner's health checks."""
        zones = [zone for zone in self._route53.find_zones(self._zone_name) if not zone.private]
        zone = zones[0] if len(zones) == 1 else None
        world = World(tuple(self._route53.record_sets(zone)) if zone else (), self._store.read())
        found = checks.findings(self._entries, self._zone_name, zones, world, self._owner)
        return State(zone, world, judge(found, check_mode=self._check_mode, skip_unavailable=False))

    def plan(self, state: State) -> list[Change]:
        """The changes; raises PlatformError with all problems where there are any."""
        state.verdict.enforce()
        return model.plan(self._entries, state.world, self._owner)

    def apply(self, _changes: list[Change], state: State) -> None:
        """Health checks, then all records in one call, then the health checks that nothing uses any more."""
        ids = self._make_checks(state.world)
        batch = self._record_changes(state.world, ids)
        if batch:
            made = self._route53.change(state.zone, batch, f"Failover records of {self._owner.name}")
            self._route53.wait_until_served(made, self._timeout)
        for check in model.surplus_checks(self._entries, state.world, self._owner):
            self._store.delete(check)

    def _make_checks(self, world: World) -> dict[tuple[str, str], str]:
        """The ID of each target's health check."""
        ids = {}
        for entry in self._entries:
            for target in entry.targets:
                check = model.find_check(entry, target, world, self._owner)
                if check is None:
                    ids[entry.name, target.region] = self._store.create(entry, target)
                else:
                    self._store.update(entry, target, check)
                    ids[entry.name, target.region] = check.check_id
        return ids

    def _record_changes(self, world: World, ids: t.Mapping[tuple[str, str], str]) -> list[tuple[str, RecordSet]]:
        """What differs is removed and made anew in one transaction: two sets of a name can't both be primary, even in between."""
        removed = model.surplus_records(self._entries, world, self._owner)
        made = []
        for entry in self._entries:
            for target in entry.targets:
                record = model.wanted_record(entry, target, self._owner, ids[entry.name, target.region])
                current = model.current_record(record, world)
                if current is None or not model.is_same(current, record):
                    removed += [current] if current else []
                    made.append(record)
        return [("DELETE", record) for record in removed] + [("CREATE", record) for record in made]

    def results(self, state: State) -> list[dict[str, t.Any]]:
        """The names with their targets, as the module returns them."""
        return [
            {
                "name": entry.name.rstrip("."),
                "primary_region": entry.primary_region,
                "ttl": entry.ttl,
                "targets": [
                    {
                        "region": target.region,
                        "host": target.host.rstrip("."),
                        "failover": entry.failover(target),
                        "health_check_id": check.check_id
                        if (check := model.find_check(entry, target, state.world, self._owner))
                        else None,
                    }
                    for target in entry.targets
                ],
            }
            for entry in self._entries
        ]
