# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Sessions are ended where performance_schema is off, too: its table of them has no rows then."""

from __future__ import annotations

import contextlib

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover import engine
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.server import TenantServer


class Cursor:
    """A server with one session of the tenant `acme` until it is ended."""

    def __init__(self, *, performance_schema: bool):
        self.on = performance_schema
        self.open = True
        self.rows: list = []

    def execute(self, statement, _values=None):
        if "rds_kill" in statement:
            self.open = False
        session = [{"id": 7, "account": "tenantacme"}] if self.open else []
        empty = "performance_schema.processlist" in statement and not self.on
        own = [{"id": 1, "account": "admin"}]
        if "@@GLOBAL.performance_schema" in statement:
            self.rows = [(int(self.on),)]
        elif "information_schema.schemata" in statement:
            self.rows = [{"name": "mysql", "partial_revokes": 0, "small_letters": 1, "triggers": 1}]
        elif "processlist" in statement:
            self.rows = [] if empty else [*own, *session]
        else:
            self.rows = []

    def fetchone(self):
        return self.rows[0]

    def fetchall(self):
        return self.rows


@pytest.mark.parametrize("on", [True, False])
def test_a_locked_tenants_sessions_are_found(monkeypatch, on):
    cursor = Cursor(performance_schema=on)
    server = TenantServer(lambda *_login: None, "admin", "", "main")
    monkeypatch.setattr(server, "_session", lambda _what: contextlib.nullcontext(cursor))
    state = server._read([], "tenant", lambda name: name == "tenantacme", {})
    assert state.sessions == {"tenantacme": (7,)}


@pytest.mark.parametrize("on", [True, False])
def test_a_fence_ends_the_sessions(monkeypatch, on):
    cursor = Cursor(performance_schema=on)
    fetchall = cursor.fetchall
    cursor.fetchall = lambda: [(row["id"], row["account"]) for row in fetchall() if row["id"] != 1]
    server = engine.Engine(lambda: None, "admin", "main", "platform")
    monkeypatch.setattr(server._session, "asking", lambda _what: contextlib.nullcontext(cursor))
    assert server.end_all_sessions(deadline=float("inf")) == 1
