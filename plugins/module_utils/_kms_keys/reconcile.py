# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Puts the parts together: what is read, judged, planned and written for one module call."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import judge
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms_keys import checks
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms_keys.model import (
    Options,
    Seen,
    Wanted,
    plan_key,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms_keys.store import KeyStore
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change


@dataclasses.dataclass(frozen=True)
class State:
    """Each entry with what was read for it."""

    entries: tuple[tuple[Wanted, Seen], ...]

    def keys(self) -> list[dict[str, t.Any]]:
        """The keys that exist, as the module returns them."""
        return [
            {"alias": entry.alias, "key_id": seen.key.key_id, "arn": seen.key.arn, "state": seen.key.state}
            for entry, seen in self.entries
            if seen.key
        ]


class Reconciler:
    """Reads, plans and applies the keys of one module call."""

    def __init__(self, entries: t.Sequence[Wanted], options: Options, store: KeyStore, *, check_mode: bool):
        self._entries = entries
        self._options = options
        self._store = store
        self._check_mode = check_mode

    def read(self) -> State:
        """The current state of all entries."""
        seen = self._store.read(self._entries, present=self._options.present)
        return State(tuple(zip(self._entries, seen, strict=True)))

    def plan(self, state: State) -> list[Change]:
        """The changes of all entries; raises PlatformError with all problems where there are any."""
        check = checks.check_present if self._options.present else checks.check_absent
        findings = checks.check_entries(self._entries)
        findings += [finding for entry, seen in state.entries for finding in check(entry, seen)]
        judge(findings, check_mode=self._check_mode, skip_unavailable=False).enforce()
        return [change for entry, seen in state.entries for change in plan_key(entry, seen, self._options)]

    def apply(self, _changes: list[Change], state: State) -> None:
        """Carry the plan out, entry by entry."""
        for entry, seen in state.entries:
            if plan_key(entry, seen, self._options):
                self._store.apply(entry, seen, self._options)
