# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read, plan and apply the restore of an instance."""

from __future__ import annotations

import datetime

from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import judge
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_instance_restore.model import (
    State,
    Wanted,
    check,
    plan,
    plan_absent,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_instance_restore.store import RestoreStore


class InstanceRestoreReconciler:
    """Restore the instance, or with ``absent`` delete it. Its password is set with ``password``, once it is available."""

    def __init__(
        self, wanted: Wanted, store: RestoreStore, region: str, *, absent: bool, password: bool, check_mode: bool
    ):
        self._wanted = wanted
        self._store = store
        self._region = region
        self._absent = absent
        self._password = password
        self._check_mode = check_mode
        self._state: State | None = None

    def read(self) -> State:
        """Read the instance, and what it is restored from."""
        self._state = self._store.read(self._wanted)
        return self._state

    def plan(self, state: State) -> list[Change]:
        """Plan the changes. Raise PlatformError where it can't be restored, or must not be deleted."""
        if self._absent:
            return plan_absent(self._wanted, state)
        now = datetime.datetime.now(datetime.UTC)
        findings = check(self._wanted, state, self._region, now)
        judge(findings, check_mode=self._check_mode, skip_unavailable=False).enforce()
        return [change for change in plan(self._wanted, state) if self._password or change.action != "set"]

    def apply(self, changes: list[Change]) -> None:
        """Restore or delete the instance, or set its password."""
        for change in changes:
            if change.action == "create":
                self._store.create(self._wanted, self._state)
            elif change.action == "set":
                self._store.set_password(self._wanted.name, self._state.instance.arn)
            elif change.action == "delete":
                self._store.delete(self._wanted.name)
