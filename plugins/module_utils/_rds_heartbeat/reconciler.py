# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read, plan and apply the heartbeat of a writer."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import judge
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.session import session
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_heartbeat import server
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_heartbeat.model import State, check, plan


class HeartbeatReconciler:
    """The heartbeat in one schema of the server ``host``; ``connect`` opens a connection to it."""

    def __init__(self, connect: t.Callable[[], t.Any], host: str, schema: str, *, check_mode: bool):
        self._connect = connect
        self._host = host
        self._schema = schema
        self._check_mode = check_mode

    def read(self) -> State:
        """Read the schema, the table and the event of the heartbeat."""
        with session(self._connect, "read the heartbeat", self._host) as cursor:
            return server.read(cursor, self._schema)

    def plan(self, state: State) -> list[Change]:
        """Plan what is missing. Raise PlatformError where the server can't have a heartbeat."""
        findings = check(self._schema, state)
        judge(findings, check_mode=self._check_mode, skip_unavailable=False).enforce()
        return plan(self._schema, state)

    def apply(self, changes: list[Change]) -> None:
        """Create what is missing."""
        with session(self._connect, "set up the heartbeat", self._host) as cursor:
            server.apply(cursor, self._schema, changes)
