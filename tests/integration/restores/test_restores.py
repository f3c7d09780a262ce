# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Bring back by the playbooks what was dropped under load: a tenant and a whole instance, here and in the other region."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.databases import RefusedError
from tests.support.machines import wait_for
from tests.support.restores import (
    PROOF,
    RESTORED,
    content,
    given,
    make_tenant,
    next_second,
    play,
    wait_for_copy,
    written,
)
from tests.support.tunnel import tunnel
from tests.support.two_regions import HERE, PREFIX, SECRETS, THERE

pytestmark = pytest.mark.nightly

_ACME, _BETA = "tenantacme", "tenantbeta"
_PASSWORD = "Tenants-password-4"


def _query(regions, region=HERE, name=None):
    place = regions.places[region]
    return lambda *statements, **options: place.query(name or regions.name(region), *statements, **options)


def _restored(regions, region):
    return f"{regions.name(region)}-{RESTORED}"


def test_a_tenant_dropped_under_load_is_back_at_the_second_before(regions, tmp_path):
    query = _query(regions)
    for schema in (_ACME, _BETA):
        make_tenant(regions, schema, _PASSWORD)
    with regions.load() as load:
        for number in range(40):
            query(f"INSERT INTO {_ACME}.orders (id, person, note) VALUES ({number}, 41, ' {number} ')")
        before, others = content(query, _ACME), content(query, _BETA)
        moment = next_second()
        query(f"INSERT INTO {_ACME}.orders (id, note) VALUES (1000, 'too late')")
        time.sleep(1)
        query(f"DROP DATABASE {_ACME}", f"DROP USER {_ACME}@'%'")
        asked = given(tenant="acme", time=written(moment))
        play(regions, tmp_path, "restore_tenant", *asked, "--check").succeeded()
        assert regions.places[HERE].state(_restored(regions, HERE)) is None
        loaded = play(regions, tmp_path, "restore_tenant", *asked).succeeded()
        assert loaded.changed[THERE] == 0
        assert query(f"SHOW DATABASES LIKE '{_ACME}'") == [], "nothing is switched unasked"
        assert query("SELECT COUNT(*) FROM restored_tenantacme.orders") == [[40]]
        again = play(regions, tmp_path, "restore_tenant", *asked).succeeded()
        assert again.changed == {HERE: 0, THERE: 0}
        play(regions, tmp_path, "restore_tenant", *asked, *given(switch="true")).succeeded()
    assert content(query, _ACME) == before
    assert content(query, _BETA) == others
    assert load.acknowledged
    assert load.lost(regions.rows(HERE)) == {}
    assert load.errors == []


def test_its_user_is_taken_over_by_the_list_of_tenants(regions):
    options = {"secret_prefix": f"{SECRETS}tenants/", "tenants": [{"name": "acme"}]}
    with pytest.raises(RefusedError, match=r"3118|1045"):
        regions.query(HERE, "SELECT 1", user=_ACME, password=_PASSWORD)
    result = regions.on(HERE, "rds_tenant_db", **options)
    assert not result.get("failed"), result
    login = regions.lab("secretsmanager", HERE).get_secret_value(SecretId=f"{SECRETS}tenants/acme")["SecretString"]
    password = login.split('"password": "')[1].split('"')[0]
    rows = regions.query(HERE, f"SELECT n FROM {_ACME}.a_view_of_a_view", user=_ACME, password=password)
    assert rows == [[2]]


def test_a_damaged_tenant_is_locked_then_switched_and_what_it_had_is_kept(regions):
    """The instance that was restored for the other tenant holds this one, too."""
    query, place = _query(regions), regions.places[HERE]
    was = content(query, _BETA)
    query(
        f"DROP TRIGGER {_BETA}.trimmed", f"UPDATE {_BETA}.people SET name = 'all the same'", f"DROP VIEW {_BETA}.named"
    )
    options = {"schema": _BETA, "source_host": place.described(_restored(regions, HERE))["Endpoint"]["Address"]}

    def run(**more):
        return _tenant_restore(regions, HERE, options | more)

    assert run()["comparison"] == {"tables": 3, "rows": 7}
    assert "can still write" in run(state="switched")["msg"]
    query(f"ALTER USER {_BETA}@'%' ACCOUNT LOCK")
    assert run(state="switched", _ansible_check_mode=True)["changed"]
    assert run(state="switched")["restore"]["replaced_schema"] == f"replaced_{_BETA}"
    assert content(query, _BETA) == was
    assert query(f"SELECT DISTINCT name FROM replaced_{_BETA}.people") == [["all the same"]]
    assert not run(state="switched")["changed"]
    assert "was switched before" in run()["msg"]
    assert run(state="absent")["changed"]
    assert not run(state="absent")["changed"]
    assert content(query, _BETA) == was


def _tenant_restore(regions, region, options):
    """Run the module with a tunnel to the restored instance, too."""
    known = json.loads(regions.lab.stack.settings.database_names.read_text())
    with tunnel(regions.space(region), (known[options["source_host"]], 3306)) as address:
        return regions.on(region, "rds_tenant_restore", source_address=address, **options)


def test_what_was_restored_is_removed_when_told_to(regions, tmp_path):
    asked = given(tenant="acme", state="absent")
    assert play(regions, tmp_path, "restore_tenant", *asked).succeeded().changed == {HERE: 2, THERE: 0}
    assert regions.places[HERE].state(_restored(regions, HERE)) is None
    assert regions.query(HERE, "SHOW DATABASES LIKE 'restored%'") == []
    assert play(regions, tmp_path, "restore_tenant", *asked).succeeded().changed == {HERE: 0, THERE: 0}


def test_restores_are_proven_in_both_regions(regions, tmp_path):
    started = datetime.now(UTC)
    wait_for_copy(regions, started)
    play(regions, tmp_path, "prove_restore").succeeded()
    for region, place in regions.places.items():
        assert place.state(f"{regions.name(region)}-{PROOF}") is None
        tags = {tag["Key"]: tag["Value"] for tag in place.described(regions.name(region))["TagList"]}
        proven = datetime.fromisoformat(tags["restore-proven"])
        assert proven >= started - timedelta(seconds=10)
        measured = regions.lab("cloudwatch", region).get_metric_statistics(
            Namespace=f"{PREFIX}/runner",
            MetricName="NewestProvenRestoreAge",
            Dimensions=[{"Name": "Engine", "Value": "MySQL"}],
            StartTime=started - timedelta(hours=1),
            EndTime=datetime.now(UTC) + timedelta(hours=1),
            Period=3600,
            Statistics=["Maximum"],
        )
        assert 0 < measured["Datapoints"][0]["Maximum"] < 600


def test_a_proof_that_fails_says_so_and_leaves_nothing(regions, tmp_path):
    """The heartbeat has stopped: nobody can tell up to when the logs were applied."""
    regions.query(HERE, "ALTER EVENT platform.heartbeat DISABLE")
    time.sleep(6)
    failed = play(regions, tmp_path, "prove_restore", "--limit", HERE, *given(proof_lag="1"))
    assert failed.returncode != 0
    assert "is not sound" in failed.output
    assert regions.places[HERE].state(f"{regions.name(HERE)}-{PROOF}") is None
    regions.query(HERE, "ALTER EVENT platform.heartbeat ENABLE")


def test_a_whole_instance_and_a_tenant_are_back_in_the_other_region(regions, tmp_path):
    query = _query(regions)
    before = {schema: content(query, schema) for schema in (_ACME, _BETA)}
    rows = regions.rows(HERE)
    moment = next_second()
    query("DELETE FROM app.rows_of", f"DROP DATABASE {_BETA}")
    wait_for_copy(regions, moment + timedelta(seconds=1))
    wait_for("the replica", lambda: regions.query(THERE, f"SHOW DATABASES LIKE '{_BETA}'") == [])
    regions.lose(HERE)
    asked = given(time=written(moment), of=HERE)
    play(regions, tmp_path, "restore_instance", *asked, "--limit", THERE).succeeded()
    restored = _query(regions, THERE, _restored(regions, THERE))
    assert {schema: content(restored, schema) for schema in (_ACME, _BETA)} == before
    assert {tuple(row) for row in restored("SELECT writer, number FROM app.rows_of")} == rows
    regions.moved("emergency", THERE)
    tenant = [*asked, *given(tenant="beta"), "--limit", THERE]
    play(regions, tmp_path, "restore_tenant", *tenant).succeeded()
    writer = _query(regions, THERE)
    writer(f"ALTER USER {_BETA}@'%' ACCOUNT LOCK")
    play(regions, tmp_path, "restore_tenant", *tenant, *given(switch="true")).succeeded()
    assert content(writer, _BETA) == before[_BETA]
