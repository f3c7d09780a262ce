# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Plan the restore of an instance to a second."""

from __future__ import annotations

import dataclasses
import datetime

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._moments import parse_moment
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_instance_restore.model import (
    FROM_TAG,
    SECRET_TAG,
    TO_TAG,
    Backup,
    Instance,
    State,
    Wanted,
    check,
    find,
    plan,
    plan_absent,
)

_HERE, _THERE = "me-west-1", "eu-central-1"
_ARN = f"arn:aws:rds:{_HERE}:111122223333:db:main"
_NOW = datetime.datetime(2026, 3, 14, 12, tzinfo=datetime.UTC)
_HOUR = datetime.timedelta(hours=1)
_BACKUP = Backup(
    "arn:backup", _ARN, "main", "db-ABC", "active", _NOW - 24 * _HOUR, _NOW - datetime.timedelta(minutes=4)
)
_WANTED = Wanted("beside", "main", _NOW - _HOUR, {"multi_az": False}, {})
_TAGS = {FROM_TAG: _ARN, TO_TAG: "2026-03-14T11:00:00Z"}
_INSTANCE = Instance("arn:beside", "available", "admin", {"Address": "beside", "Port": 3306}, False, False, _TAGS)


def _texts(wanted: Wanted, state: State, region: str = _HERE) -> str:
    return " ".join(finding.text for finding in check(wanted, state, region, _NOW))


def test_what_is_restored_is_created_then_gets_its_password():
    nothing = State((_BACKUP,), None, ("v2", "admin"))
    assert not _texts(_WANTED, nothing)
    (created,) = plan(_WANTED, nothing)
    assert (created.action, created.after["restore_time"]) == ("create", "2026-03-14T11:00:00Z")
    there = State((), _INSTANCE, ("v2", "admin"))
    assert [change.action for change in plan(_WANTED, there)] == ["set"]
    done = dataclasses.replace(_INSTANCE, tags=_TAGS | {SECRET_TAG: "v2"})
    assert plan(_WANTED, State((), done, ("v2", "admin"))) == []


@pytest.mark.parametrize("difference", [{"status": "creating"}, {"endpoint": None}, {"settling": True}])
def test_what_rds_has_not_finished_is_waited_for(difference):
    state = State((), dataclasses.replace(_INSTANCE, **difference), None)
    assert [change.action for change in plan(_WANTED, state)] == ["wait"]


@pytest.mark.parametrize(
    ("moment", "words"),
    [(_NOW + _HOUR, "in the future"), (_NOW - 25 * _HOUR, "can be restored from 2026-03-13T12:00:00Z on")],
)
def test_a_second_that_no_backup_reaches_is_refused(moment, words):
    assert words in _texts(dataclasses.replace(_WANTED, moment=moment), State((_BACKUP,), None, None))


def test_a_second_that_the_logs_will_reach_is_taken():
    soon = dataclasses.replace(_WANTED, moment=_NOW - datetime.timedelta(seconds=2))
    assert not _texts(soon, State((_BACKUP,), None, None))
    kept = dataclasses.replace(_BACKUP, status="retained")
    assert "no longer written" in _texts(soon, State((kept,), None, None))


def test_an_instance_of_another_region_is_named_by_its_arn():
    copy = dataclasses.replace(_BACKUP, status="replicating")
    assert "keeps no automated backup" in _texts(_WANTED, State((copy,), None, None), _THERE)
    abroad = dataclasses.replace(_WANTED, source=_ARN)
    assert not _texts(abroad, State((copy,), None, None), _THERE)
    assert copy.request(_THERE) == {"SourceDBInstanceAutomatedBackupsArn": "arn:backup"}
    assert copy.request(_HERE) == {"SourceDBInstanceIdentifier": "main"}


def test_a_deleted_instance_is_named_by_its_resource_id_where_there_were_several():
    old = dataclasses.replace(_BACKUP, resource_id="db-OLD", status="retained")
    older = dataclasses.replace(old, resource_id="db-OLDER")
    assert find(_WANTED, [old, _BACKUP], _HERE) == [_BACKUP]
    assert "db-OLD, db-OLDER" in _texts(_WANTED, State((old, older), None, None))
    (found,) = find(dataclasses.replace(_WANTED, source="db-OLDER"), [old, older], _HERE)
    assert found.request(_HERE) == {"SourceDbiResourceId": "db-OLDER"}


def test_an_instance_that_was_not_restored_is_neither_taken_nor_deleted():
    other = State((), dataclasses.replace(_INSTANCE, tags={}), None)
    assert "was not restored by this module" in _texts(_WANTED, other)
    with pytest.raises(PlatformError, match="is not deleted"):
        plan_absent(_WANTED, other)
    assert [change.action for change in plan_absent(_WANTED, State((), _INSTANCE, None))] == ["delete"]
    with pytest.raises(PlatformError, match="protected"):
        plan_absent(_WANTED, State((), dataclasses.replace(_INSTANCE, protected=True), None))


def test_a_restore_to_another_second_is_another_restore():
    state = State((), _INSTANCE, None)
    assert "is a restore of" in _texts(dataclasses.replace(_WANTED, moment=_NOW - 2 * _HOUR), state)
    assert not _texts(dataclasses.replace(_WANTED, moment=None), state)


def test_a_moment_has_a_time_zone():
    assert parse_moment("2026-03-14T14:00:00+03:00") == _NOW - _HOUR
    for text in ("2026-03-14T11:00:00", "yesterday"):
        with pytest.raises(PlatformError, match="time zone"):
            parse_moment(text)
