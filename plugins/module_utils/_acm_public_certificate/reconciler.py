# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Puts the parts together: what is read, judged, planned and written for one module call."""

from __future__ import annotations

import dataclasses
import time
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._acm_public_certificate import checks, model
from ansible_collections.knowledgecity.platform.plugins.module_utils._acm_public_certificate.model import (
    Current,
    Hosted,
    Options,
    Wanted,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._acm_public_certificate.store import (
    CertificateStore,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import Verdict, judge
from ansible_collections.knowledgecity.platform.plugins.module_utils._parallel import grouped
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change
from ansible_collections.knowledgecity.platform.plugins.module_utils._route53 import RecordSet, Route53, Zone

_INTERVAL = 1.0


@dataclasses.dataclass(frozen=True)
class State:
    """What was read, and what the checks found."""

    current: Current
    verdict: Verdict


class CertificateReconciler:
    """Read, plan and apply the certificates of one module call."""

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
        """Read the current state of all entries."""
        regions = [*(entry.region for entry in self._entries), *self._further_regions]
        bases = {base for entry in self._entries for base in entry.bases}
        certificates, unreachable = self._store.read(regions, bases)
        hosted = self._hosted() if self._options.validate else {}
        current = Current(certificates, hosted, unreachable)
        found = checks.findings(self._entries, current, self._options)
        verdict = judge(found, check_mode=self._check_mode, skip_unavailable=self._skip_unavailable)
        return State(current, verdict)

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
        """Return the entries that are not skipped."""
        return [entry for entry in self._entries if entry.name not in state.verdict.skipped]

    def left_in_use(self, state: State) -> list[str]:
        """Return the certificates that were left because something uses them."""
        if self._options.present:
            return []
        return [
            f"The certificate {item.arn} of {item.domain_name} was left: {', '.join(item.in_use_by)} uses it."
            for item in model.kept(self.workable(state), state.current, self._options)
        ]

    def plan(self, state: State) -> list[Change]:
        """Plan the changes of all entries. Raise PlatformError with every problem."""
        state.verdict.enforce()
        entries = self.workable(state)
        if not self._options.present:
            return model.plan_absent(entries, state.current, self._options)
        changes = [
            change for entry in entries for change in model.plan_certificate(entry, state.current, self._options)
        ]
        return changes + (model.plan_records(entries, state.current) if self._options.validate else [])

    def apply(self, changes: list[Change]) -> None:
        """Apply the changes. Wherever that is interrupted, the next run continues from there."""
        records = [change for change in changes if change.kind == "validation record"]
        certificates = [change for change in changes if change.kind == "certificate"]
        self._delete_records([change.data for change in records if change.action == "delete"])
        for change in certificates:
            if change.action == "create":
                self._store.request(change.data, self._options)
            elif change.action == "update":
                self._store.tag(change)
            else:
                self._store.delete(change.data)
        requested = [change.data for change in certificates if change.action == "create"]
        zones = dict(change.data for change in records if change.action == "create")
        if requested or zones:
            current = self.wait_for_records().current
            if self._options.validate:
                # ACM tells a record only after the request: one that was planned as present may turn out to be missing.
                self._write_records(zones | model.missing_bases(requested, current), current)

    def _write_records(self, zones: t.Mapping[str, str], current: Current) -> None:
        """Write the validation records of domains, each into its zone."""
        for same_zone in grouped(zones.items(), lambda item: item[1]):
            hosted = current.hosted[same_zone[0][1]]
            records = [current.record_of(base) for base, _zone in same_zone]
            missing = [record for record in records if not hosted.at(record.name)]
            if missing:
                batch = [("UPSERT", record) for record in missing]
                self._route53.change(hosted.zone, batch, "Validates certificates")

    def _delete_records(self, records: t.Sequence[tuple[Zone, RecordSet]]) -> None:
        for same_zone in grouped(records, lambda item: item[0]):
            batch = [("DELETE", record) for _zone, record in same_zone]
            self._route53.change(same_zone[0][0], batch, "Validated certificates that are deleted")

    def wait_for_records(self) -> State:
        """Wait until ACM tells every entry's validation records, which takes a moment after a request."""
        deadline = time.monotonic() + self._timeout
        while True:
            state = self.read()
            state.verdict.enforce()
            unknown = [
                entry.name
                for entry in self.workable(state)
                if any(state.current.record_of(base) is None for base in entry.bases)
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
        """Read the name servers that the registrar has to name."""
        return self._route53.name_servers(zone)
