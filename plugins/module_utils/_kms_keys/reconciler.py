# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Reconcile the keys of one module call."""

from __future__ import annotations

import dataclasses
import time
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import judge
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms.model import Options
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms.uses import LAGGING, told
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms_keys import checks
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms_keys.model import (
    Observed,
    Wanted,
    plan_key,
    to_keep,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms_keys.store import KeyStore
from ansible_collections.knowledgecity.platform.plugins.module_utils._parallel import grouped
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change

_BETWEEN_READS = 3.0


@dataclasses.dataclass(frozen=True)
class State:
    """Each entry with what was read for it."""

    entries: tuple[tuple[Wanted, Observed], ...]

    def keys(self) -> list[dict[str, t.Any]]:
        """Return the keys that exist, as the module returns them."""
        return [
            {"alias": entry.alias, "key_id": key.key_id, "arn": key.arn, "state": key.state}
            for entry, observed in self.entries
            if (key := observed.key)
        ]

    def kept(self) -> list[dict[str, t.Any]]:
        """Return the keys that were to be removed and are kept, each with what is under it."""
        return [
            {"alias": entry.alias, "arn": key.arn, "reason": told(observed.uses[key.arn])}
            for entry, observed in self.entries
            for key in to_keep(observed)
        ]

    def may_lag(self) -> bool:
        """Tell whether a key is kept for nothing but what AWS still lists a while after it went."""
        kept = [observed.uses[key.arn] for _entry, observed in self.entries for key in to_keep(observed)]
        return any(all(use.kind in LAGGING for use in uses) for uses in kept)


class KeyReconciler:
    """Read, plan and apply the keys of one module call."""

    def __init__(
        self,
        entries: t.Sequence[Wanted],
        options: Options,
        store: KeyStore,
        *,
        check_mode: bool,
        keep_in_use: bool = False,
        patience: float = 0,
    ):
        self._entries = entries
        self._options = options
        self._store = store
        self._check_mode = check_mode
        self._keep_in_use = keep_in_use
        self._deadline = time.monotonic() + (0 if check_mode else patience)

    def read(self) -> State:
        """Read the current state of all entries. Keys to be removed are read again while what is under them may be gone."""
        state = self._read()
        while not self._options.present and state.may_lag() and time.monotonic() < self._deadline:
            time.sleep(_BETWEEN_READS)
            state = self._read()
        return state

    def _read(self) -> State:
        observed = self._store.read(self._entries, present=self._options.present)
        return State(tuple(zip(self._entries, observed, strict=True)))

    def plan(self, state: State) -> list[Change]:
        """Plan the changes of all entries. Raise PlatformError with every problem."""
        check = checks.check_present if self._options.present else checks.check_absent
        findings = checks.check_entries(self._entries)
        findings += [finding for entry, observed in state.entries for finding in check(entry, observed)]
        if not self._options.present and not self._keep_in_use:
            findings += [each for entry, observed in state.entries for each in checks.check_unused(entry, observed)]
        judge(findings, check_mode=self._check_mode, skip_unavailable=False).enforce()
        return [change for entry, observed in state.entries for change in plan_key(entry, observed, self._options)]

    def apply(self, changes: list[Change]) -> None:
        """Make the calls of the changes, entry by entry."""
        for entry_changes in grouped(changes, lambda change: change.name):
            self._store.apply(entry_changes)
