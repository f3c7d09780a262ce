# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Puts the parts together: what is read, judged, planned and written for one module call."""

from __future__ import annotations

import dataclasses
import time
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._acm_public_certificate import checks, model
from ansible_collections.knowledgecity.platform.plugins.module_utils._acm_public_certificate.model import (
    Hosted,
    Options,
    Wanted,
    World,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._acm_public_certificate.store import (
    CertificateStore,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import Verdict, judge
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change
from ansible_collections.knowledgecity.platform.plugins.module_utils._route53 import RecordSet, Route53, Zone

_INTERVAL = 1.0


@dataclasses.dataclass(frozen=True)
class State:
    """What was read, and what the checks came to."""

    world: World
    verdict: Verdict


class Reconciler:
    """Reads, plans and applies the certificates of one module call."""

    def __init__(
        self,
        entries: t.Sequence[Wanted],
        options: Options,
        store: CertificateStore,
        route53: Route53,
        *,
        further_regions: t.Sequence[str] = (),
        check_mode: bool = False,
        skip_unavailable: bool = False,
        timeout: float = 60.0,
    ):
        self._entries = entries
        self._options = options
        self._store = store
        self._route53 = route53
        self._further_regions = further_regions
        self._check_mode = check_mode
        self._skip_unavailable = skip_unavailable
        self._timeout = timeout

    def read(self) -> State:
        """The current state of all entries."""
        regions = [*(entry.region for entry in self._entries), *self._further_regions]
        bases = {base for entry in self._entries for base in entry.bases}
        certificates, unreachable = self._store.read(regions, bases)
        hosted = self._hosted() if self._options.validate else {}
        world = World(certificates, hosted, unreachable)
        found = checks.findings(self._entries, world, self._options)
        verdict = judge(found, check_mode=self._check_mode, skip_unavailable=self._skip_unavailable)
        return State(world, verdict)

    def _hosted(self) -> dict[str, Hosted]:
        names = dict.fromkeys(entry.zone for entry in self._entries if entry.zone)
        found = {name: Hosted(tuple(self._route53.find_zones(name))) for name in names}
        return {
            name: dataclasses.replace(hosted, record_sets=tuple(self._route53.record_sets(hosted.zone)))
            if hosted.zone
            else hosted
            for name, hosted in found.items()
        }

    def workable(self, state: State) -> list[Wanted]:
        """The entries that are not skipped."""
        return [entry for entry in self._entries if entry.name not in state.verdict.skipped]

    def left_in_use(self, state: State) -> list[str]:
        """What is to be removed and was left, since something uses it."""
        if self._options.present:
            return []
        return [
            f"The certificate {item.arn} of {item.domain_name} was left: {', '.join(item.in_use_by)} uses it."
            for item in model.kept(self.workable(state), state.world, self._options)
        ]

    def plan(self, state: State) -> list[Change]:
        """The changes of all entries; raises PlatformError with all problems where there are any."""
        state.verdict.enforce()
        entries = self.workable(state)
        if not self._options.present:
            return model.plan_absent(entries, state.world, self._options)
        changes = [change for entry in entries for change in model.plan_certificate(entry, state.world, self._options)]
        return changes + (model.plan_records(entries, state.world) if self._options.validate else [])

    def apply(self, _changes: list[Change], state: State) -> None:
        """Carry the plan out. Whatever it is cut off after, the next run goes on from there."""
        entries = self.workable(state)
        if not self._options.present:
            self._remove(entries, state.world)
            return
        for entry in entries:
            certificate = model.find(entry, state.world, self._options)
            if certificate is None:
                self._store.request(entry, self._options)
            elif model.plan_certificate(entry, state.world, self._options):
                self._store.tag(entry, certificate, self._options)
        world = self.wait_for_records().world
        if self._options.validate:
            self._write_records(entries, world)

    def _write_records(self, entries: t.Sequence[Wanted], world: World) -> None:
        wanted: dict[str, list[RecordSet]] = {}
        for base, zone in model.missing_bases(entries, world).items():
            wanted.setdefault(zone, []).append(world.record_of(base))
        for name, records in wanted.items():
            zone = world.hosted[name].zone
            problems = [
                checks.conflict(record, held, name)
                for record in records
                if (held := world.hosted[name].at(record.name))
            ]
            if problems:
                raise PlatformError(f"The certificates were requested, but can't be validated. {' '.join(problems)}")
            self._change(zone, "UPSERT", records, "Validates certificates")

    def _remove(self, entries: t.Sequence[Wanted], world: World) -> None:
        if self._options.validate:
            by_zone: dict[str, list[RecordSet]] = {}
            for _base, zone, record in model.unneeded_records(entries, world, self._options):
                by_zone.setdefault(zone, []).append(record)
            for name, records in by_zone.items():
                self._change(world.hosted[name].zone, "DELETE", records, "Nothing is validated by these any more")
        for certificate in model.doomed(entries, world, self._options):
            self._store.delete(certificate)

    def _change(self, zone: Zone, action: str, records: t.Sequence[RecordSet], comment: str) -> None:
        self._route53.change(zone, [(action, record) for record in records], comment)

    def wait_for_records(self) -> State:
        """Until ACM tells every entry's validation records, which takes a moment after a request."""
        deadline = time.monotonic() + self._timeout
        while True:
            state = self.read()
            state.verdict.enforce()
            unknown = [
                entry.name
                for entry in self.workable(state)
                if any(state.world.record_of(base) is None for base in entry.bases)
            ]
            if not unknown:
                return state
            if time.monotonic() >= deadline:
                raise PlatformError(
                    f"ACM does not tell the validation records of {', '.join(unknown)} after {self._timeout:.0f} s. Run again; "
                    "raise O(wait_timeout)."
                )
            time.sleep(_INTERVAL)

    def name_servers(self, zone: Zone) -> list[str]:
        """The name servers that the world has to be told of."""
        return self._route53.name_servers(zone)
