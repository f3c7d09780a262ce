# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Use one server of several: answers of another host than the first are noticed. The lab's servers are all of one host."""

from __future__ import annotations

import itertools

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.engine import Engine
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.faults import (
    UnsoundError,
    UnverifiedError,
    blames_the_backup,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.replicas import check_replicas
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.selection import Selection
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError

_KNOWN = {"known": 1, "status": "CREATING_BACKUP", "error": "", "total_size": 0, "written": 0, "read": 0, "seconds": 1}


class Hosts:
    """A server's answers, by hosts in turn."""

    def __init__(self, *hosts: str):
        self._hosts = itertools.cycle(hosts)
        self.ran: list[str] = []

    def rows(self, _sql, _parameters=None):
        return [_KNOWN | {"host": next(self._hosts), "version": "26", "uptime": 9}]

    def run(self, statement, _settings=None):
        self.ran.append(statement)


def engine(*hosts):
    return Engine(Hosts(*hosts), timeout=1, max_bandwidth=0, say=print)


def test_a_balancer_in_front_of_several_servers_is_refused_before_a_backup_starts():
    balanced = engine("a", "b")
    with pytest.raises(PlatformError, match=r"leads to several servers, a and b\..*not of a load balancer"):
        balanced.start("BACKUP")
    assert balanced.server.ran == []


def test_another_host_that_answers_later_is_noticed_and_its_ignorance_not_taken_for_a_restart():
    moved = engine("a", "a", "a", "b")
    moved.start("BACKUP")
    assert moved.server.ran == ["BACKUP"]
    with pytest.raises(PlatformError, match="leads to several servers, a and b"):
        moved.wait("id", "back up x")


def test_one_host_is_asked_as_often_as_needed():
    assert engine("a").identify()["host"] == "a"
    assert engine("a").progress("id").running


@pytest.mark.not_proven("ClickHouse: data of replicated tables (the lab's engine has none)")
def test_a_replica_that_lags_is_refused_where_its_table_is_backed_up():
    """ClickHouse#114266: a backup of it silently lacks the rows that it has not fetched."""

    class Lagging:
        def rows(self, _sql):
            return [{"full_name": "d.t", "delay": 900}]

    with pytest.raises(PlatformError, match=r"lags: d\.t \(900 s\)\..*SYSTEM SYNC REPLICA"):
        check_replicas(Lagging(), Selection(databases=("d",)))
    check_replicas(Lagging(), Selection(databases=("d",), exclude_tables=("d.t",)))


@pytest.mark.parametrize(
    ("code", "blamed"), [(40, True), (601, True), (243, False), (241, False), (497, False), (499, False)]
)
def test_only_errors_about_its_bytes_are_blamed_on_a_backup(code, blamed):
    assert blames_the_backup(code) == blamed


def test_the_verdicts_read_as_what_they_are():
    assert "not sound (1 fault(s) found by scratch): x" in str(UnsoundError("n", "scratch", ["x"]))
    assert str(UnverifiedError("n", "scratch", "why.")) == (
        "The backup n could not be verified by scratch: why. It may be sound; what was verified earlier still counts."
    )
