# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Reconcile the replicas of one module call."""

from __future__ import annotations

import dataclasses
import itertools
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import Verdict, judge
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms.model import PENDING, Options
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms.uses import KeyUses, Use, told
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms_replica_key import checks
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms_replica_key.model import (
    Observed,
    Wanted,
    plan_key,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms_replica_key.store import ReplicaKeyStore
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change


@dataclasses.dataclass(frozen=True)
class State:
    """Each entry with what was read for it, what the checks found, and by ARN what is under replicas that are to be removed."""

    entries: tuple[tuple[Wanted, Observed], ...]
    verdict: Verdict
    uses: t.Mapping[str, tuple[Use, ...]] = dataclasses.field(default_factory=dict)

    @property
    def workable(self) -> list[tuple[Wanted, Observed]]:
        """Return the entries that are neither skipped nor kept."""
        kept = {replica["arn"] for replica in self.kept()}
        return [
            (entry, observed)
            for entry, observed in self.entries
            if entry.name not in self.verdict.skipped and not (observed.replica and observed.replica.arn in kept)
        ]

    def kept(self) -> list[dict[str, t.Any]]:
        """Return the replicas that were to be removed and are kept, each with what is under it."""
        return [
            {"alias": entry.alias, "arn": replica.arn, "reason": told(self.uses[replica.arn])}
            for entry, observed in self.entries
            if (replica := observed.replica) and self.uses.get(replica.arn)
        ]

    def replicas(self) -> list[dict[str, t.Any]]:
        """Return the replicas that exist, as the module returns them."""
        return [
            {
                "primary": entry.primary,
                "region": entry.replica_region,
                "alias": entry.alias,
                "key_id": replica.key_id,
                "arn": replica.arn,
                "state": replica.state,
            }
            for entry, observed in self.entries
            if (replica := observed.replica)
        ]


class ReplicaKeyReconciler:
    """Read, plan and apply the replicas of one module call."""

    def __init__(
        self,
        entries: t.Sequence[Wanted],
        options: Options,
        store: ReplicaKeyStore,
        *,
        check_mode: bool,
        skip_unavailable: bool,
        uses_in: t.Callable[[str], KeyUses],
        keep_in_use: bool = False,
    ):
        self._entries = entries
        self._options = options
        self._store = store
        self._check_mode = check_mode
        self._skip_unavailable = skip_unavailable
        self._uses_in = uses_in
        self._keep_in_use = keep_in_use

    def read(self) -> State:
        """Read the current state of all entries."""
        observed = list(zip(self._entries, self._store.read(self._entries), strict=True))
        check = checks.check_present if self._options.present else checks.check_absent
        findings = checks.check_entries(self._entries)
        findings += [finding for entry, found in observed for finding in check(entry, found)]
        uses = {} if self._options.present else self._uses(observed)
        if not self._keep_in_use:
            findings += checks.check_unused(observed, uses)
        verdict = judge(findings, check_mode=self._check_mode, skip_unavailable=self._skip_unavailable)
        return State(tuple(observed), verdict, uses)

    def _uses(self, entries: t.Sequence[tuple[Wanted, Observed]]) -> dict[str, tuple[Use, ...]]:
        found: dict[str, tuple[Use, ...]] = {}
        for region, those in itertools.groupby(sorted(entries, key=_region), key=_region):
            replicas = [observed.replica for _entry, observed in those]
            arns = [replica.arn for replica in replicas if replica and replica.state not in PENDING]
            found |= self._uses_in(region).read(arns)
        return found

    def plan(self, state: State) -> list[Change]:
        """Plan the changes of all entries. Raise PlatformError with every problem."""
        state.verdict.enforce()
        return [change for entry, observed in state.workable for change in plan_key(entry, observed, self._options)]

    def apply(self, changes: list[Change]) -> None:
        """Make the calls of the changes in their order."""
        for change in changes:
            self._store.apply(change)


def _region(item: tuple[Wanted, Observed]) -> str:
    return item[0].replica_region
