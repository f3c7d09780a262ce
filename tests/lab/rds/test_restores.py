# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Point-in-time restores on real MySQL: of an instance, of one that was restored itself, and in the other region."""

from __future__ import annotations

import datetime
import subprocess
import sys
import time

import pytest

from lab.settings import CHECKOUT
from tests.support.databases import DatabasePlace, make_database_place
from tests.support.labs import Clients
from tests.support.machines import wait_for

_MAIN = "platform-main"
_SHOWN = "SELECT id FROM lms.kept ORDER BY id"


@pytest.fixture(scope="module")
def here(lab_with_instances: Clients) -> DatabasePlace:
    place = make_database_place(lab_with_instances, "me-west-1", "10.10.0.0/16")
    place.create(_MAIN, DBName="lms")
    place.wait(_MAIN)
    place.query(
        _MAIN,
        "CREATE TABLE lms.kept (id INT PRIMARY KEY)",
        "CREATE USER reader@'%' IDENTIFIED BY 'Reader-password-1'",
        "GRANT SELECT ON lms.* TO reader@'%'",
        "CREATE EVENT lms.later ON SCHEDULE EVERY 1 DAY DO DELETE FROM lms.kept",
    )
    return place


@pytest.fixture(scope="module")
def there(lab_with_instances: Clients, here: DatabasePlace) -> DatabasePlace:
    """The other region, which the backups are replicated to."""
    place = make_database_place(lab_with_instances, "eu-central-1", "10.20.0.0/16")
    place.rds.start_db_instance_automated_backups_replication(
        SourceDBInstanceArn=here.described(_MAIN)["DBInstanceArn"], KmsKeyId="alias/aws/rds"
    )
    return place


def second_after(place: DatabasePlace, *statements: str, name: str = _MAIN) -> datetime.datetime:
    """Run statements, and return a second at which they were committed and nothing that follows is."""
    place.query(name, *statements)
    moment = int(time.time()) + 1
    while time.time() < moment + 0.1:
        time.sleep(0.05)
    return datetime.datetime.fromtimestamp(moment, datetime.UTC)


def _reaches(backup: dict, moment: datetime.datetime) -> bool:
    return "RestoreWindow" in backup and backup["RestoreWindow"]["LatestTime"] >= moment


def _backup(place: DatabasePlace, moment: datetime.datetime) -> dict:
    """Return the backup that a region keeps of the instance, once it reaches a second."""

    def reached():
        found = place.rds.describe_db_instance_automated_backups(DBInstanceIdentifier=_MAIN)
        return [item for item in found["DBInstanceAutomatedBackups"] if _reaches(item, moment)]

    return wait_for("the backup", reached)[0]


def _restore(place: DatabasePlace, name: str, moment: datetime.datetime, source: str = _MAIN) -> None:
    if source == _MAIN:
        _backup(place, moment)
    wait_for("the logs", lambda: place.described(source).get("LatestRestorableTime", moment) >= moment)
    place.rds.restore_db_instance_to_point_in_time(
        SourceDBInstanceIdentifier=source,
        TargetDBInstanceIdentifier=name,
        RestoreTime=moment,
        DBSubnetGroupName=place.group,
    )
    place.wait(name)


def test_an_instance_is_back_at_the_second_before_the_mistake(here):
    moment = second_after(here, "INSERT INTO lms.kept VALUES (1), (2)", "ALTER TABLE lms.kept ADD note TEXT")
    here.query(_MAIN, "INSERT INTO lms.kept VALUES (3, 'late')", "DROP DATABASE lms")
    _restore(here, "beside", moment)
    assert here.query("beside", _SHOWN) == [[1], [2]]
    assert here.query(_MAIN, "SHOW DATABASES LIKE 'lms'") == []
    reader = {"user": "reader", "password": "Reader-password-1"}
    assert here.query("beside", "SELECT COUNT(note), COUNT(*) FROM lms.kept", **reader) == [[0, 2]]
    assert here.query("beside", "SELECT status FROM information_schema.events WHERE event_schema = 'lms'") == [
        ["ENABLED"]
    ]
    here.query("beside", "INSERT INTO lms.kept VALUES (4, 'after the restore')")


def test_what_was_restored_can_be_restored(here):
    moment = second_after(here, "INSERT INTO lms.kept VALUES (5, 'kept')", name="beside")
    here.query("beside", "DELETE FROM lms.kept")
    _restore(here, "beside-again", moment, source="beside")
    assert here.query("beside-again", _SHOWN) == [[1], [2], [4], [5]]


def test_the_other_region_restores_while_the_first_one_is_lost(here, there):
    moment = second_after(
        here, "CREATE DATABASE lms", "CREATE TABLE lms.kept (id INT)", "INSERT INTO lms.kept VALUES (7)"
    )
    here.query(_MAIN, "DELETE FROM lms.kept")
    backup = _backup(there, moment)
    settings = here.place.clients.stack.settings
    environment = here.place.clients.environment(administrator=True) | {"LAB_HOME": str(settings.home)}
    cut = [sys.executable, "-m", "lab", "cut", "me-west-1", "--silent"]
    subprocess.run(cut, cwd=CHECKOUT, env=environment, check=True)
    there.rds.restore_db_instance_to_point_in_time(
        SourceDBInstanceAutomatedBackupsArn=backup["DBInstanceAutomatedBackupsArn"],
        TargetDBInstanceIdentifier="abroad",
        RestoreTime=moment,
        DBSubnetGroupName=there.group,
    )
    there.wait("abroad")
    assert there.query("abroad", _SHOWN) == [[7]]
