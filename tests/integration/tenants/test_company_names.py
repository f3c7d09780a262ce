# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Keep tenants that are called as companies are, adopt what exists, and lock nobody out meanwhile, on real MySQL."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Iterator

import pymysql
import pytest

from tests.support.company_names import companies
from tests.support.databases import RefusedError
from tests.support.shared_instance import SECRETS, SHARED

_LEGACY = "Legacy-password-1"


def _suffixes(result: dict) -> dict[str, str]:
    return {item["name"]: item["secret"].removeprefix(SECRETS) for item in result["tenants"]}


def _as(place, keep, suffix: str, *statements: str) -> list:
    login = keep.secret(suffix)
    return place.query(SHARED, *statements, user=login["username"], password=login["password"])


def test_three_hundred_companies(place, keep):
    """Each gets a schema and a user of its own, works in it, and sees no other."""
    names = companies(300)
    wanted = [{"name": name} for name in names]
    result = keep(wanted)
    assert not result["failed"], result["msg"]
    assert len(result["changes"]) == 300
    by_name = {item["name"]: item for item in result["tenants"]}
    assert set(by_name) == set(names)
    assert len({item["schema"] for item in by_name.values()}) == len({item["user"] for item in by_name.values()}) == 300
    assert by_name["acme"]["schema"] == by_name["acme"]["user"] == "tenantacme"
    assert not keep(wanted)["changed"]
    suffixes = _suffixes(result)
    for name in ("acme", "Acme", "ACME", "AT&T", "شركة المراعي", "100%", "; DROP DATABASE mysql; --", "x" * 27):
        login = keep.secret(suffixes[name])
        schema = by_name[name]["schema"]
        assert login["dbname"] == schema
        _as(place, keep, suffixes[name], f"CREATE TABLE {schema}.own (id INT PRIMARY KEY)")
        listed = _as(
            place,
            keep,
            suffixes[name],
            "SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name LIKE 'tenant%'",
        )
        assert listed == [[1]], name
    attribute = "SELECT user FROM information_schema.user_attributes WHERE attribute->>'$.tenant' = 'شركة المراعي'"
    assert place.query(SHARED, attribute) == [[by_name["شركة المراعي"]["user"]]]


def test_all_refused_names_stand_in_one_message_before_the_first_change(place, keep):
    refused = {"": "needs a name", " lead": "begins or ends", "tab\t": "can't be seen", "y" * 129: "128 are allowed"}
    result = keep([{"name": "would-be-fine"}, *({"name": name} for name in refused)])
    assert result["failed"]
    for name, why in refused.items():
        assert any(part in result["msg"] for part in (repr(name), name[:20] or "''")), name
        assert why in result["msg"]
    assert "nothing was changed" in result["msg"]
    assert place.query(SHARED, "SHOW DATABASES LIKE 'tenant0wouldbefine%'") == []


def test_a_schema_and_a_user_that_exist_are_adopted(place, keep):
    place.query(
        SHARED,
        "CREATE DATABASE legacy_erp",
        "CREATE DATABASE legacyxerp",
        "CREATE TABLE legacy_erp.orders (id INT PRIMARY KEY)",
        "INSERT INTO legacy_erp.orders VALUES (1), (2)",
        "CREATE TABLE legacyxerp.secret (id INT PRIMARY KEY)",
        f"CREATE USER erp_app@'%' IDENTIFIED BY '{_LEGACY}'",
        "GRANT SELECT, DROP, EVENT ON legacy_erp.* TO erp_app@'%'",  # a wildcard: legacyxerp, too
        "GRANT PROCESS, REPLICATION CLIENT ON *.* TO erp_app@'%'",
        "GRANT SELECT ON mysql.time_zone TO erp_app@'%' WITH GRANT OPTION",
        "CREATE ROLE reporting",
        "GRANT reporting TO erp_app@'%'",
    )
    wanted = [{"name": "Legacy ERP", "database": "legacy_erp", "user": "erp_app"}]
    announced = keep.diff(wanted)
    assert [change["action"] for change in announced["changes"]] == ["adopt"]
    before = announced["diff"]["before"]["tenant Legacy ERP"]
    assert before["require_ssl"] is False
    assert (before["schema"], before["user"]) == ("legacy_erp", "erp_app")
    assert any(right.startswith("PROCESS, REPLICATION CLIENT ON *.*") for right in before["other_rights"])
    assert "`reporting`@`%`" in before["other_rights"]
    result = keep(wanted)
    assert not result["failed"], result["msg"]
    assert result["changes"] == announced["changes"]
    suffix = _suffixes(result)["Legacy ERP"]
    assert _as(place, keep, suffix, "SELECT COUNT(*) FROM legacy_erp.orders") == [[2]]
    for password in (_LEGACY, keep.secret(suffix)["password"]):
        keep.connect("erp_app", password).close()
    with pytest.raises(RefusedError, match="1142"):
        _as(place, keep, suffix, "SELECT * FROM legacyxerp.secret")
    grants = [row[0] for row in place.query(SHARED, "SHOW GRANTS FOR erp_app@'%'")]
    assert [grant for grant in grants if "USAGE" not in grant and r"legacy\_erp" not in grant] == []
    assert not keep(wanted)["changed"]
    assert keep(wanted, rotate="finish")["changed"]
    with pytest.raises(pymysql.MySQLError, match="1045"):
        keep.connect("erp_app", _LEGACY)


def test_a_user_for_certain_hosts_only_is_refused(place, keep):
    place.query(SHARED, "CREATE USER fixed@'10.%' IDENTIFIED BY 'Fixed-password-1'")
    result = keep([{"name": "Fixed", "user": "fixed"}])
    assert result["failed"]
    assert "for 10.% only" in result["msg"]


def test_two_passwords_and_a_third_in_the_secret_end_none(place, keep):
    """Somebody writes the secret while a rotation is under way."""
    assert keep([{"name": "Third"}])["changed"]
    result = keep([{"name": "Third"}], rotate="start")
    suffix = _suffixes(result)["Third"]
    second = keep.secret(suffix)
    client = place.place.api("secretsmanager")
    client.put_secret_value(
        SecretId=f"{SECRETS}{suffix}", SecretString=json.dumps(second | {"password": "Third-one-123"})
    )
    refused = keep([{"name": "Third"}])
    assert refused["failed"]
    assert "two passwords" in refused["msg"]
    keep.connect(second["username"], second["password"]).close()
    assert keep([{"name": "Third"}], rotate="finish")["changed"]
    for password in (second["password"], "Third-one-123"):
        keep.connect(second["username"], password).close()


@contextlib.contextmanager
def _working(keep, login: dict) -> Iterator[list]:
    """Log in, write and read, again and again, as an application without a pool does. Yield what went wrong."""
    problems: list = []
    done = threading.Event()
    count = [0]

    def work() -> None:
        while not done.is_set():
            try:
                with (
                    contextlib.closing(keep.connect(login["username"], login["password"])) as session,
                    session.cursor() as cursor,
                ):
                    cursor.execute(f"INSERT INTO {login['dbname']}.work VALUES (NULL)")
                    cursor.execute(f"SELECT COUNT(*) FROM {login['dbname']}.work")
                count[0] += 1
            except (pymysql.MySQLError, OSError) as error:
                problems.append(error.args)

    workers = [threading.Thread(target=work) for _worker in range(4)]
    for worker in workers:
        worker.start()
    try:
        yield problems
        # Some work was done meanwhile.
        deadline = time.monotonic() + 20
        while count[0] < 20 and time.monotonic() < deadline:
            time.sleep(0.1)
        assert count[0] >= 20
    finally:
        done.set()
        for worker in workers:
            worker.join()


def test_a_tenant_works_on_while_its_rights_change_and_its_password_is_rotated(place, keep):
    result = keep([{"name": "Busy & Sons"}])
    suffix = _suffixes(result)["Busy & Sons"]
    login = keep.secret(suffix)
    _as(place, keep, suffix, f"CREATE TABLE {login['dbname']}.work (id INT AUTO_INCREMENT PRIMARY KEY)")
    user = f"`{login['username']}`@'%'"
    with _working(keep, login) as problems:
        for _round in range(5):
            place.query(
                SHARED,
                f"GRANT SELECT ON legacyxerp.* TO {user}",
                f"GRANT EVENT ON {login['dbname']}.* TO {user}",
                f"GRANT PROCESS ON *.* TO {user}",
                f"REVOKE INDEX ON {login['dbname']}.* FROM {user}",
            )
            changed = keep([{"name": "Busy & Sons"}])
            assert [change["action"] for change in changed["changes"]] == ["update"], changed["output"]
        assert keep([{"name": "Busy & Sons"}], rotate="start")["changed"]
    assert problems == []
    grants = [row[0] for row in place.query(SHARED, f"SHOW GRANTS FOR {user}")]
    assert not [grant for grant in grants if "legacyxerp" in grant or "PROCESS" in grant or "EVENT" in grant]
    assert any("INDEX" in grant for grant in grants)


def test_a_tenant_with_as_many_sessions_as_it_may_have_gets_its_new_password(keep):
    """MySQL answers 1226 after it has accepted the password."""
    wanted = [{"name": "full", "max_connections": 1}]
    assert keep(wanted)["changed"]
    login = keep.secret("full")
    with contextlib.closing(keep.connect(login["username"], login["password"])) as session:
        with pytest.raises(pymysql.MySQLError, match="1226"):
            keep.connect(login["username"], login["password"])
        rotated = keep(wanted, rotate="start")
        assert not rotated["failed"], rotated["msg"]
        session.ping(reconnect=False)
    keep.connect(login["username"], keep.secret("full")["password"]).close()


def test_wrong_passwords_lock_nobody_out(keep):
    login = keep.secret("acme")
    for _attempt in range(12):
        with pytest.raises(pymysql.MySQLError, match="1045"):
            keep.connect(login["username"], "wrong")
    keep.connect(login["username"], login["password"]).close()


def test_trigger_is_granted_once_it_can_be_used(place, keep):
    assert keep([{"name": "triggers"}])["changed"]
    schema, user = "tenanttriggers", "tenanttriggers@'%'"
    held = "SELECT trigger_priv FROM mysql.db WHERE user = 'tenanttriggers'"
    assert place.query(SHARED, held) == [["N"]]
    assert not keep([{"name": "triggers"}])["changed"]
    on = {"ParameterName": "log_bin_trust_function_creators", "ParameterValue": "1", "ApplyMethod": "immediate"}
    place.rds.modify_db_parameter_group(DBParameterGroupName=SHARED, Parameters=[on])
    deadline = time.monotonic() + 30
    while place.query(SHARED, "SELECT @@log_bin_trust_function_creators") != [[1]]:
        assert time.monotonic() < deadline
        time.sleep(0.5)
    assert [change["action"] for change in keep([{"name": "triggers"}])["changes"]] == ["update"]
    assert place.query(SHARED, held) == [["Y"]], user
    _as(
        place,
        keep,
        "triggers",
        f"CREATE TABLE {schema}.t (id INT PRIMARY KEY, made TIMESTAMP)",
        f"CREATE TRIGGER {schema}.made BEFORE INSERT ON {schema}.t FOR EACH ROW SET NEW.made = NOW()",
        f"INSERT INTO {schema}.t (id) VALUES (1)",
    )


def test_tenants_that_exist_keep_their_names(place, keep):
    """A tenant as an earlier version left it: its user says nothing of a schema, and is locked out by wrong passwords."""
    assert keep([{"name": "elder"}])["changed"]
    place.query(
        SHARED,
        """ALTER USER tenantelder@'%' ATTRIBUTE '{"schema": null}'""",
        "ALTER USER tenantelder@'%' FAILED_LOGIN_ATTEMPTS 10 PASSWORD_LOCK_TIME 1",
    )
    login = keep.secret("elder")
    result = keep.diff([{"name": "elder"}], check=False)
    assert [change["action"] for change in result["changes"]] == ["update"]
    before, after = (result["diff"][side]["tenant elder"] for side in ("before", "after"))
    assert {key for key in after if after[key] != before.get(key)} == {"failed_login_attempts"}
    assert (after["schema"], after["user"]) == ("tenantelder", "tenantelder")
    assert keep.secret("elder") == login
    keep.connect("tenantelder", login["password"]).close()
