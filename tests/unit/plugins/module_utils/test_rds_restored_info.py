# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read what shows that a restored server is sound."""

from __future__ import annotations

import datetime

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_restored_info import observe

_MOMENT = datetime.datetime(2026, 3, 14, 12, tzinfo=datetime.UTC)


class _Server:
    """A server with two tables, one of them damaged."""

    def __init__(self, beat: datetime.datetime | None):
        self._beat = beat
        self._rows: list[tuple] = []

    def close(self) -> None:
        pass

    def cursor(self):
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_error) -> None:
        pass

    def execute(self, statement: str, values=()) -> None:
        if "FROM information_schema.schemata" in statement:
            self._rows = [("mysql",), ("tenantacme",), ("tenantempty",)]
        elif "SELECT 1 FROM information_schema.tables" in statement:
            self._rows = [(1,)] if self._beat else []
        elif "FROM information_schema.tables" in statement:
            self._rows = [("mysql", "user"), ("tenantacme", "a"), ("tenantacme", "b`c")]
        elif statement.startswith("SELECT at"):
            self._rows = [(self._beat,)]
        elif statement == "CHECK TABLE `tenantacme`.`b``c`":
            self._rows = [
                ("tenantacme.b`c", "check", "Warning", "InnoDB: Index k is marked as corrupted"),
                ("tenantacme.b`c", "check", "error", "Corrupt"),
            ]
        else:
            assert statement == "CHECK TABLE `tenantacme`.`a`"
            self._rows = [("tenantacme.a", "check", "status", "OK")]

    def fetchall(self):
        return self._rows

    def fetchone(self):
        return self._rows[0] if self._rows else None


@pytest.mark.parametrize("check", [True, False])
def test_damaged_tables_and_the_last_beat_are_told(check):
    beat = _MOMENT.replace(tzinfo=None) - datetime.timedelta(seconds=1.25)
    found = observe(lambda: _Server(beat), "host", "platform", _MOMENT, check=check)
    assert found["schemas"] == {"tenantacme": 2, "tenantempty": 0}
    assert (found["checked_tables"], len(found["damaged"])) == ((2, 2) if check else (0, 0))
    assert found["heartbeat_behind"] == 1.2


def test_a_server_without_a_heartbeat_says_so():
    found = observe(lambda: _Server(None), "host", "platform", _MOMENT, check=False)
    assert (found["heartbeat"], found["heartbeat_behind"]) == (None, None)
