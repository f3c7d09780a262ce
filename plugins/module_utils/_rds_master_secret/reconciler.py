# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read, plan and apply the secret of an instance's master user."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import judge
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_master_secret.model import (
    State,
    Wanted,
    check,
    not_replicated,
    plan,
    plan_absent,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_master_secret.store import MasterSecretStore


class MasterSecretReconciler:
    """Create the secret and set its password, or with ``absent`` remove it."""

    def __init__(
        self,
        wanted: Wanted,
        store: MasterSecretStore,
        region: str,
        *,
        absent: bool,
        check_mode: bool,
        warn: t.Callable[[str], None],
    ):
        self._wanted = wanted
        self._store = store
        self._region = region
        self._absent = absent
        self._check_mode = check_mode
        self._warn = warn
        self._warned: set[str] = set()

    def read(self) -> State:
        """Read the secret and the instance."""
        return self._store.read()

    def plan(self, state: State) -> list[Change]:
        """Plan the changes. Raise PlatformError where the secret can't be created or set."""
        if self._absent:
            return plan_absent(self._wanted, state)
        findings = check(self._wanted, state, self._region)
        verdict = judge(findings, check_mode=self._check_mode, skip_unavailable=False)
        verdict.enforce()
        for warning in [*verdict.warnings, *not_replicated(self._wanted, state)]:
            if warning not in self._warned:
                self._warn(warning)
                self._warned.add(warning)
        return plan(self._wanted, state, self._store.rotated)

    def apply(self, changes: list[Change]) -> None:
        """Apply the changes."""
        self._store.apply(changes)
