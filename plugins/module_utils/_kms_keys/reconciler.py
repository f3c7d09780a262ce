# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Reconcile the keys of one module call."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import judge
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms.model import Options
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms_keys import checks
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms_keys.model import (
    Observed,
    Wanted,
    plan_key,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms_keys.store import KeyStore
from ansible_collections.knowledgecity.platform.plugins.module_utils._parallel import grouped
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change


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


class KeyReconciler:
    """Read, plan and apply the keys of one module call."""

    def __init__(self, entries: t.Sequence[Wanted], options: Options, store: KeyStore, *, check_mode: bool):
        self._entries = entries
        self._options = options
        self._store = store
        self._check_mode = check_mode

    def read(self) -> State:
        """Read the current state of all entries."""
        observed = self._store.read(self._entries, present=self._options.present)
        return State(tuple(zip(self._entries, observed, strict=True)))

    def plan(self, state: State) -> list[Change]:
        """Plan the changes of all entries. Raise PlatformError with every problem."""
        check = checks.check_present if self._options.present else checks.check_absent
        findings = checks.check_entries(self._entries)
        findings += [finding for entry, observed in state.entries for finding in check(entry, observed)]
        judge(findings, check_mode=self._check_mode, skip_unavailable=False).enforce()
        return [change for entry, observed in state.entries for change in plan_key(entry, observed, self._options)]

    def apply(self, changes: list[Change]) -> None:
        """Make the calls of the changes, entry by entry."""
        for entry_changes in grouped(changes, lambda change: change.name):
            self._store.apply(entry_changes)
