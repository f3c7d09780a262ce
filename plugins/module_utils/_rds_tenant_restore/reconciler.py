# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read, plan and apply the restore of one tenant's schema."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import judge
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.quoting import quoted
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.session import session, sessions_schema
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_restore import (
    inventory,
    progress,
    stored,
    switching,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_restore.loading import (
    Connect,
    Loading,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_restore.model import (
    SWITCHED,
    Account,
    State,
    Wanted,
    check,
    plan,
)

_SESSIONS = "SELECT COUNT(*) FROM {schema}.processlist WHERE user = %s"


class TenantRestoreReconciler:
    """The schema of one tenant: on the restored instance (``source``; None where only removal is asked for), and on the writer."""

    def __init__(
        self,
        wanted: Wanted,
        source: Connect | None,
        target: Connect,
        place: str,
        *,
        parallel: int,
        check_mode: bool,
    ):
        self._wanted = wanted
        self._source = source
        self._target = target
        self._place = place
        self._parallel = parallel
        self._check_mode = check_mode
        self._state: State | None = None
        self.comparison: dict[str, t.Any] | None = None

    def read(self) -> State:
        """Read the schema in the source, and all that the writer has of it."""
        wanted, source = self._wanted, None
        if self._source:
            with session(self._source, f"read the schema {wanted.schema}", wanted.source) as cursor:
                source = inventory.read(cursor, wanted.schema)
        with session(self._target, f"read the schema {wanted.schema}", self._place) as cursor:
            self._state = State(
                source=source,
                live=inventory.read(cursor, wanted.schema),
                restored=inventory.read(cursor, wanted.restored),
                progress=progress.read(cursor, wanted.restored),
                account=_account(cursor, wanted.account),
                has_replaced=_has_schema(cursor, wanted.replaced),
                trusts_creators=_trusts_creators(cursor),
                missing_definers=tuple(stored.missing_definers(cursor, source.stored if source else ())),
            )
        return self._state

    def plan(self, state: State) -> list[Change]:
        """Plan the changes. Raise PlatformError where something is in the way."""
        judge(check(self._wanted, state), check_mode=self._check_mode, skip_unavailable=False).enforce()
        return plan(self._wanted, state)

    def apply(self, changes: list[Change]) -> None:
        """Load the schema, switch it, or remove it."""
        wanted, state = self._wanted, self._state
        for change in changes:
            with session(self._target, f"{change.action} the {change.resource}", self._place) as cursor:
                if change.kind == "locked account":
                    stored.create_locked(cursor, change.name, wanted.schema)
                elif change.action == "delete":
                    cursor.execute(f"DROP DATABASE {quoted(wanted.restored)}")
                elif change.action == "switch":
                    switching.switch(cursor, wanted, state)
                else:
                    loading = Loading(wanted, self._source, self._target, self._place, self._parallel)
                    self.comparison = loading.run(cursor, state.source)

    def result(self, state: State) -> dict[str, t.Any]:
        """Describe the schema for the result."""
        found = state.progress
        return {
            "schema": self._wanted.schema,
            "restored_schema": self._wanted.restored if found else None,
            "replaced_schema": (found.replaced or None) if found and found.stage == SWITCHED else None,
            "stage": found.stage if found else None,
        }


def _account(cursor: t.Any, name: str) -> Account | None:
    cursor.execute("SELECT MIN(account_locked = 'Y') FROM mysql.user WHERE user = %s", [name])
    (locked,) = cursor.fetchone()
    if locked is None:
        return None
    cursor.execute(_SESSIONS.format(schema=sessions_schema(cursor)), [name])
    return Account(bool(locked), cursor.fetchone()[0])


def _has_schema(cursor: t.Any, name: str) -> bool:
    cursor.execute("SELECT 1 FROM information_schema.schemata WHERE schema_name = %s", [name])
    return bool(cursor.fetchone())


def _trusts_creators(cursor: t.Any) -> bool:
    cursor.execute("SELECT @@log_bin AND NOT @@log_bin_trust_function_creators")
    return not cursor.fetchone()[0]
