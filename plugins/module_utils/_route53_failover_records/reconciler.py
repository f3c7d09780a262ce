# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Reconcile the failover records of one module call."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import Verdict, judge
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change
from ansible_collections.knowledgecity.platform.plugins.module_utils._route53 import Route53
from ansible_collections.knowledgecity.platform.plugins.module_utils._route53_failover_records import checks, model
from ansible_collections.knowledgecity.platform.plugins.module_utils._route53_failover_records.model import (
    Current,
    Owner,
    RecordWork,
    Wanted,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._route53_failover_records.store import (
    HealthCheckStore,
)


@dataclasses.dataclass(frozen=True)
class State:
    """What was read, and what the checks found."""

    current: Current
    verdict: Verdict


class FailoverReconciler:
    """Read, plan and apply the failover records of one module call."""

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
        """Read the zone's records and the owner's health checks."""
        zones = [zone for zone in self._route53.find_zones(self._zone_name) if not zone.private]
        zone = zones[0] if len(zones) == 1 else None
        current = Current(tuple(self._route53.record_sets(zone)) if zone else (), self._store.read(), zone)
        found = checks.findings(self._entries, self._zone_name, zones, current, self._owner)
        return State(current, judge(found, check_mode=self._check_mode, skip_unavailable=False))

    def plan(self, state: State) -> list[Change]:
        """Plan the changes. Raise PlatformError with every problem."""
        state.verdict.enforce()
        return model.plan(self._entries, state.current, self._owner)

    def apply(self, changes: list[Change]) -> None:
        """Create and change health checks, then all records in one call, then delete health checks."""
        checks = [change for change in changes if change.kind == "health check"]
        created = {}
        for change in checks:
            if change.action == "create":
                created[change.data.key] = self._store.create(change)
            elif change.action == "update":
                self._store.update(change)
        self._change_records([change.data for change in changes if change.kind == "record"], created)
        for change in checks:
            if change.action == "delete":
                self._store.delete(change.data.check)

    def _change_records(self, works: t.Sequence[RecordWork], created: t.Mapping[str, str]) -> None:
        """Replace what differs in one transaction: two sets of a name can't both be primary, even for a moment."""
        batch = [("DELETE", work.remove) for work in works if work.remove]
        for work in works:
            if work.create:
                check_id = created[work.check_key] if work.check_key else work.create.health_check_id
                batch.append(("CREATE", dataclasses.replace(work.create, health_check_id=check_id)))
        if batch:
            made = self._route53.change(works[0].zone, batch, f"Failover records of {self._owner.name}")
            self._route53.wait_until_served(made, self._timeout)

    def results(self, state: State) -> list[dict[str, t.Any]]:
        """Return the names with their targets, as the module returns them."""
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
                        if (check := model.find_check(entry, target, state.current, self._owner))
                        else None,
                    }
                    for target in entry.targets
                ],
            }
            for entry in self._entries
        ]
