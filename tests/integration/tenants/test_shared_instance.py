# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Keep tenants on a shared instance with the module, and check them by logging in as them."""

from __future__ import annotations

import json
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from lab.runtime.vpc.names import namespace
from lab.settings import CHECKOUT
from tests.support.databases import MASTER, PASSWORD, DatabasePlace, RefusedError
from tests.support.machines import root_key, wait_for
from tests.support.shared_instance import SECRETS, SHARED


def _password(place: DatabasePlace, tenant: str, stage: str = "AWSCURRENT") -> str:
    client = place.place.clients("secretsmanager", "me-west-1", key=root_key())
    text = client.get_secret_value(SecretId=f"{SECRETS}{tenant}", VersionStage=stage)["SecretString"]
    return json.loads(text)["password"]


def _as(place: DatabasePlace, tenant: str, *statements: str, password: str | None = None, **options) -> list:
    password = password or _password(place, tenant)
    return place.query(SHARED, *statements, user=f"tenant{tenant}", password=password, **options)


def _actions(result: dict) -> list[str]:
    return [change["action"] for change in result["changes"]]


def test_four_steps(place, keep):
    wanted = [{"name": "alpha"}, {"name": "beta", "max_connections": 2}]
    announced = keep(wanted, "--check")
    assert _actions(announced) == ["create", "create"]
    assert place.query(SHARED, "SHOW DATABASES LIKE 'tenant%'") == []
    applied = keep(wanted)
    assert applied["changes"] == announced["changes"], applied["output"]
    again = keep(wanted)
    assert not again["changed"]
    assert again["queries"] <= 5
    assert not keep(wanted, "--check")["changed"]


def test_a_tenant_works_in_its_schema_and_sees_no_other(place, keep):
    _as(
        place, "beta", "CREATE TABLE tenantbeta.secret (id INT PRIMARY KEY)", "INSERT INTO tenantbeta.secret VALUES (1)"
    )
    _as(place, "alpha", "CREATE TABLE tenantalpha.own (id INT PRIMARY KEY)")
    listed = _as(place, "alpha", "SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE 'tenant%'")
    assert listed == [["tenantalpha"]]
    for statement in (
        "SELECT * FROM tenantbeta.secret",
        "USE tenantbeta",
        "SHOW GRANTS FOR tenantbeta@'%'",
        "SELECT user FROM mysql.user",
        "CREATE DATABASE evil",
        "GRANT SELECT ON tenantalpha.* TO tenantbeta@'%'",
    ):
        with pytest.raises(RefusedError, match=r"1044|1142|1045"):
            _as(place, "alpha", statement)
    hidden = "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'tenantbeta'"
    assert _as(place, "alpha", hidden) == [[0]]


def test_plaintext_is_refused_and_sessions_are_limited(place, keep):
    with pytest.raises(RefusedError, match=r"1045|3159"):
        _as(place, "alpha", "SELECT 1", tls=False)
    limit = "SELECT max_user_connections FROM mysql.user WHERE user = 'tenantbeta'"
    assert place.query(SHARED, limit) == [[2]]


def test_drift_is_reverted(place, keep):
    place.query(
        SHARED,
        "GRANT SELECT ON tenantbeta.* TO tenantalpha@'%'",
        "GRANT PROCESS ON *.* TO tenantalpha@'%'",
        "REVOKE DELETE ON tenantbeta.* FROM tenantbeta@'%'",
        "ALTER USER tenantbeta@'%' REQUIRE NONE",
    )
    result = keep([{"name": "alpha"}, {"name": "beta", "max_connections": 2}])
    assert _actions(result) == ["update", "update"], result["output"]
    with pytest.raises(RefusedError, match="1142"):
        _as(place, "alpha", "SELECT * FROM tenantbeta.secret")
    _as(place, "beta", "DELETE FROM tenantbeta.secret")
    with pytest.raises(RefusedError, match=r"1045|3159"):
        _as(place, "beta", "SELECT 1", tls=False)


def test_a_rotation_has_two_phases(place, keep):
    old = _password(place, "alpha")
    started = keep([{"name": "alpha"}], rotate="start")
    assert _actions(started) == ["rotate"], started["output"]
    new = _password(place, "alpha")
    assert new != old
    for password in (old, new):
        assert _as(place, "alpha", "SELECT 1", password=password) == [[1]]
    assert not keep([{"name": "alpha"}], rotate="start")["changed"]
    assert keep([{"name": "alpha"}], rotate="finish")["changed"]
    assert _as(place, "alpha", "SELECT 1") == [[1]]
    with pytest.raises(RefusedError, match="1045"):
        _as(place, "alpha", "SELECT 1", password=old)


def test_a_run_that_was_cut_off_after_the_secret_is_completed(place, keep):
    """Write a version of the secret that is not set on the user, as after a crash between the two."""
    client = place.place.api("secretsmanager")
    old = _password(place, "alpha")
    content = json.loads(client.get_secret_value(SecretId=f"{SECRETS}alpha")["SecretString"])
    client.put_secret_value(
        SecretId=f"{SECRETS}alpha", SecretString=json.dumps(content | {"password": "New-one-12345"})
    )
    assert keep([{"name": "alpha"}])["changed"]
    for password in (old, "New-one-12345"):
        assert _as(place, "alpha", "SELECT 1", password=password) == [[1]]
    assert keep([{"name": "alpha"}], rotate="finish")["changed"]


def test_a_locked_tenant_has_no_session_and_gets_none(place, keep):
    settings = place.place.clients.stack.settings
    script = "import json,sys; from tests.support import mysql_in_vpc as m; sys.exit(m.main())"
    space = f"/run/netns/{namespace(settings.home, place.place.vpc)}"
    asked = {
        "host": place.described(SHARED)["Endpoint"]["Address"],
        "user": "tenantalpha",
        "password": _password(place, "alpha"),
        "ca": str(settings.ca_certificate),
        "statements": ["SELECT SLEEP(60)"],
        "timeout": 90,
    }
    with subprocess.Popen(
        ["nsenter", f"--net={space}", "python", "-c", script],
        cwd=CHECKOUT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as session:
        session.stdin.write(json.dumps(asked))
        session.stdin.close()
        live = "SELECT COUNT(*) FROM performance_schema.processlist WHERE user = 'tenantalpha' AND info LIKE '%SLEEP%'"
        deadline = time.monotonic() + 20
        while place.query(SHARED, live) != [[1]]:
            assert time.monotonic() < deadline
        result = keep([{"name": "alpha", "state": "locked"}])
        assert _actions(result) == ["update"], result["output"]
        assert session.wait(timeout=10) == 3
    with pytest.raises(RefusedError, match="3118"):
        _as(place, "alpha", "SELECT 1")
    assert not keep([{"name": "alpha", "state": "locked"}])["changed"]
    assert keep([{"name": "alpha"}])["changed"]
    assert _as(place, "alpha", "SELECT 1") == [[1]]


def test_a_tenant_is_removed_only_after_a_snapshot(place, keep):
    gone = [{"name": "beta", "state": "absent"}]
    refused = keep(gone)
    assert refused["failed"]
    assert "only with a final_snapshot" in refused["msg"]
    # MySQL drops no user who defines a view that is still there.
    _as(place, "beta", "CREATE VIEW tenantbeta.ones AS SELECT 1 AS one")
    result = keep(gone, instance=SHARED, final_snapshot="last-of-beta")
    assert _actions(result) == ["delete", "delete"], result["output"]  # the tenant, and its secret
    assert place.query(SHARED, "SHOW DATABASES LIKE 'tenantbeta'") == []
    snapshots = place.rds.describe_db_snapshots(DBSnapshotIdentifier="last-of-beta")["DBSnapshots"]
    assert snapshots[0]["Status"] == "available"
    assert not keep(gone, instance=SHARED, final_snapshot="last-of-beta")["changed"]
    assert _actions(keep([{"name": "beta"}])) == ["create"], "its secret waits for its deletion"


@pytest.mark.parametrize(
    ("tenants", "words"),
    [
        ([{"name": " a"}], "begins or ends with a space"),
        ([{"name": "a\u200b"}], "can't be seen"),
        ([{"name": "twice"}, {"name": "twice"}], "stated 2 times"),
        ([{"name": "x" * 129}], "128 are allowed"),
        ([{"name": "ok", "database": "tenantalpha"}, {"name": "alpha"}], "would share the schema"),
        ([{"name": "ok", "privileges": ["SUPER"]}], "SUPER is no privilege"),
        ([{"name": "alpha", "state": "absent", "protected": True}], "is protected"),
        ([{"name": "ok", "max_connections": 0}], "no limit"),
    ],
)
def test_wrong_input_is_refused_before_the_first_change(place, keep, tenants, words):
    result = keep([{"name": "fine"}, *tenants])
    assert result["failed"]
    assert words in result["msg"]
    assert place.query(SHARED, "SHOW DATABASES LIKE 'tenantfine'") == []


def test_a_server_that_is_not_who_it_should_be_is_refused(keep):
    result = keep([{"name": "fine"}], host="another.me-west-1.rds.amazonaws.com")
    assert result["failed"]
    assert "certificate" in result["msg"].lower()


def test_wrong_credentials_are_reported(place, keep):
    content = json.dumps({"username": MASTER, "password": "wrong"})
    place.place.api("secretsmanager").create_secret(Name="tests/wrong", SecretString=content)
    result = keep([{"name": "fine"}], admin_secret="tests/wrong")
    assert result["failed"]
    assert "1045" in result["msg"]
    assert "wrong" not in result["msg"].replace("tests/wrong", "")


def test_no_password_is_printed_or_stored(place, keep):
    result = keep([{"name": "alpha"}, {"name": "gamma"}], "-vvvv", "--diff")
    known = [PASSWORD, _password(place, "alpha"), _password(place, "gamma")]
    assert result["changed"]
    assert not [password for password in known if password in result["output"]]
    # In the binary logs, the error log and the tables of the server.
    search = ["docker", "exec", place.described(SHARED)["DbiResourceId"], "grep", "-rlaF"]
    files = subprocess.run([*search, "tenantgamma", "/rds/data"], capture_output=True, text=True, check=True).stdout
    assert "binlog" in files, "the search finds nothing"
    for password in known:
        assert subprocess.run([*search, password, "/rds/data"], capture_output=True, check=False).returncode == 1


def test_a_thousand_tenants(place, keep, record_property):
    """Keep at least 2,000 a minute. A second run changes nothing."""
    thousand = [{"name": f"load{number:04d}"} for number in range(1000)]
    started = time.monotonic()
    result = keep(thousand)
    took = time.monotonic() - started
    assert len(result.get("changes", [])) == 1000, result["output"][-3000:]
    started = time.monotonic()
    again = keep(thousand)
    record_property("tenants_per_minute", round(60_000 / took))
    print(f"1,000 tenants: {took:.1f} s; again: {time.monotonic() - started:.1f} s, {again['queries']} queries")
    assert not again["changed"]
    assert again["queries"] <= 5


def test_a_server_that_dies_among_a_thousand_tenants(place, keep):
    """Kill the server: the failure names the tenants that are done, those work, and the next run does the others."""
    thousand = [{"name": f"fall{number:04d}"} for number in range(1000)]
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(keep, thousand)
        # Some batches of fifty are done by then, and eight are under way.
        wait_for("the first of them", lambda: len(_schemas(place, "tenantfall%")) >= 600, timeout=60)
        subprocess.run(["docker", "kill", place.described(SHARED)["DbiResourceId"]], check=True, capture_output=True)
        result = running.result()
    assert result["failed"], "it was done before the server was killed"
    done = result["tenants_done"]
    assert 0 < len(done) < 1000
    assert f"{len(done)} tenants were changed before; run again for the others." in result["msg"]
    wait_for("the server", lambda: place.answers(SHARED), timeout=60)
    assert {f"tenant{name}" for name in done} <= set(_schemas(place, "tenantfall%"))
    assert _as(place, done[-1], "SELECT 1") == [[1]]
    again = keep(thousand)
    assert not again["failed"], again["msg"]
    assert len(_schemas(place, "tenantfall%")) == 1000
    assert _as(place, "fall0999", "SELECT 1") == [[1]]


def _schemas(place: DatabasePlace, pattern: str) -> list[str]:
    return [name for (name,) in place.query(SHARED, f"SHOW DATABASES LIKE '{pattern}'")]
