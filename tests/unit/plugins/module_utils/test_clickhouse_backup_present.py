# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Make a backup in the steps of its plan, with a store and an engine that are fakes."""

from __future__ import annotations

import dataclasses

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup import present
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.model import RECORD
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.planning import (
    State,
    Wanted,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.present import (
    PresentReconciler,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.selection import Selection
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError

from tests.support.backups import backup, by_name

_SELECTION = Selection(databases=("d",))
_BASE = dataclasses.replace(backup("base", days=1, selection=_SELECTION.to_record()), record={})
_FINISHED = backup("new", base=_BASE, selection=_SELECTION.to_record())
_AT_START = {"d.t": {"uuid": "u"}}
_REQUEST = {"id": "id-new", "base": "base", "selection": _SELECTION.to_record(), "tables": _AT_START}
_UNFINISHED = dataclasses.replace(
    _FINISHED,
    metadata=None,
    objects={key: item for key, item in _FINISHED.objects.items() if key != ".backup"},
    request=_REQUEST,
)
_OTHER = backup("other", base=_BASE, selection=_SELECTION.to_record())
_OTHER_RUNNING = dataclasses.replace(
    _OTHER,
    metadata=None,
    objects={key: item for key, item in _OTHER.objects.items() if key != ".backup"},
    request=_REQUEST | {"id": "id-other"},
)


class Fakes:
    """A store and an engine that note what they are asked for."""

    place = "s3://bucket/"
    server = None

    def __init__(self):
        self.happened: list[str] = []
        self.other = _OTHER

    def read(self, name=None):
        found = by_name(_BASE, dataclasses.replace(_FINISHED, request=_REQUEST), self.other)
        return found if name is None else {name: found[name]}

    def delete(self, item):
        self.happened.append(f"delete {item.name}")

    def claim(self, name, request):
        self.happened.append(f"claim {name} on {request['base']}")

    def put_json(self, name, key, _content):
        self.happened.append(f"write {key} of {name}")

    def identify(self):
        return {"host": "h", "version": "v"}

    def start(self, statement, _settings):
        self.happened.append(statement.split()[0])

    def upload_settings(self):
        return {}

    def wait(self, identity, _what, _meanwhile):
        self.happened.append(f"wait for {identity.split('.')[0]}")


@pytest.fixture
def measured(monkeypatch):
    """Note the bases of measurements, which read no server."""
    bases: list[str | None] = []

    class Measurement:
        def __init__(self, _server, _selection, base, at_start):
            assert at_start == _AT_START
            bases.append(base.name if base else None)

        def measure(self):
            pass

        def complete(self, _metadata):
            return {}

    monkeypatch.setattr(present, "Measurement", Measurement)
    monkeypatch.setattr(present, "before", lambda _server, _selection: _AT_START)
    return bases


def _applied(state: State, *, wait: bool = True) -> tuple[list[str], list[str]]:
    fakes = Fakes()
    wanted = Wanted("new", _SELECTION, "backups", "auto", 7, wait=wait)
    reconciler = PresentReconciler(wanted, fakes, fakes)
    changes = reconciler.plan(state)
    reconciler.apply(changes)
    return [change.action for change in changes], fakes.happened


def test_a_new_backup_is_claimed_started_waited_for_and_recorded(measured):
    actions, happened = _applied(State(by_name(_BASE), None))
    assert actions == ["create"]
    assert happened == ["claim new on base", "BACKUP", "wait for new", f"write {RECORD} of new"]
    assert measured == ["base"]


def test_without_waiting_it_is_only_started(measured):
    _actions, happened = _applied(State(by_name(_BASE), None), wait=False)
    assert happened == ["claim new on base", "BACKUP"]
    assert measured == []


def test_what_a_killed_run_left_is_removed_first(measured):
    actions, happened = _applied(State(by_name(_BASE, _UNFINISHED), "stale"))
    assert actions == ["delete", "create"]
    assert happened[:2] == ["delete new", "claim new on base"]


def test_a_running_backup_is_waited_for_and_measured_against_its_base(measured):
    actions, happened = _applied(State(by_name(_BASE, _UNFINISHED), "running"))
    assert actions == ["wait"]
    assert happened == ["wait for id-new", f"write {RECORD} of new"]
    assert measured == ["base"]


def test_a_finished_backup_without_a_record_is_only_recorded(measured):
    finished = dataclasses.replace(_FINISHED, request=_REQUEST)
    actions, happened = _applied(State(by_name(_BASE, finished), None))
    assert actions == ["record"]
    assert happened == [f"write {RECORD} of new"]
    assert measured == ["base"]


def test_a_backup_of_the_same_tables_that_is_written_is_waited_for_and_built_on(measured):
    actions, happened = _applied(State(by_name(_BASE, _OTHER_RUNNING), None, ("other",)))
    assert actions == ["wait", "create"]
    assert happened == [
        "wait for id-other",
        f"write {RECORD} of other",
        "claim new on other",
        "BACKUP",
        "wait for new",
        f"write {RECORD} of new",
    ]
    assert measured == ["base", "other"]


def test_no_second_backup_is_started_beside_one_that_is_not_waited_for():
    with pytest.raises(PlatformError, match="The backup other of the same tables is being written"):
        _applied(State(by_name(_BASE, _OTHER_RUNNING), None, ("other",)), wait=False)


def test_a_finished_backup_of_the_same_tables_that_nobody_recorded_is_recorded_first(measured):
    actions, happened = _applied(State(by_name(_BASE, _with(_OTHER)), None))
    assert actions == ["record", "create"]
    assert happened[:2] == [f"write {RECORD} of other", "claim new on other"]


def test_what_others_made_under_the_name_is_not_touched():
    theirs = dataclasses.replace(_UNFINISHED, request=None)
    for backups in (by_name(theirs), by_name(dataclasses.replace(_FINISHED, request=None))):
        with pytest.raises(PlatformError, match="new exists, and was not made by this module"):
            _applied(State(backups, "stale"))


def _with(unrecorded):
    return dataclasses.replace(unrecorded, request=_REQUEST | {"id": "id-other"})
