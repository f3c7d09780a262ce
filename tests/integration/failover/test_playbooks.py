# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Run the three playbooks as an operator does: switch over, rebuild the other direction, and fail over while a region is lost.

There are no runners: the servers are reached by tunnels, as with ports forwarded by Session Manager.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import threading
from pathlib import Path

import pytest

from lab.settings import ACCOUNT_ID
from tests.support import region_plays
from tests.support.databases import PASSWORD
from tests.support.machines import wait_for
from tests.support.module_runs import run_steps
from tests.support.two_regions import APP_PASSWORD, HERE, PREFIX, SECRETS, THERE

pytestmark = pytest.mark.nightly


@contextlib.contextmanager
def inventory(regions, folder: Path):
    """Write an inventory of both regions. The tunnels are open as long as it is used."""
    with regions.tunnels() as addresses:
        yield region_plays.write_inventory(
            regions,
            folder,
            addresses,
            database_monitoring_interval=0,
            database_insights_days=0,
            database_multi_az=False,
            database_failover_max_lag_ms=3000,
            database_tenants=[{"name": "alpha"}, {"name": "beta", "state": "locked"}],
        )


def _play(regions, folder, name, *arguments):
    with inventory(regions, folder) as file:
        return region_plays.play(regions, file, name, *arguments)


def _tenants(regions, region):
    result = regions.on(region, "rds_tenant_db_info", secret_prefix=f"{SECRETS}tenants/")
    assert not result.get("failed"), result
    return {item["name"]: item["locked"] for item in result["tenants"]}


def test_tenants_are_kept_and_described(regions, tmp_path):
    assert _tenants(regions, HERE) == {}
    assert _play(regions, tmp_path, "tenants", "--check").succeeded().changed == {HERE: 1, THERE: 0}
    assert _play(regions, tmp_path, "tenants").succeeded().changed == {HERE: 1, THERE: 0}
    assert _play(regions, tmp_path, "tenants").succeeded().changed == {HERE: 0, THERE: 0}
    assert _tenants(regions, HERE) == {"alpha": False, "beta": True}


def test_the_target_region_must_be_named(regions, tmp_path):
    for arguments in ((), ("-e", "database_failover_to=mars-1")):
        ran = _play(regions, tmp_path, "db_switchover", *arguments)
        assert ran.returncode != 0
        assert "database_failover_to=REGION" in ran.output


def test_no_secret_is_printed_or_in_a_process_list(regions, tmp_path):
    """Switch over with -vvvv."""
    regions.heartbeat(HERE)
    regions.make_ready()
    lines: set[str] = set()
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.05):
            lines.update(
                subprocess.run(["ps", "axww", "-o", "args="], capture_output=True, text=True, check=True).stdout.split(
                    "\n"
                )
            )

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        with regions.tunnels() as addresses:
            options = regions.options("planned", THERE, addresses)
            (answer,), output = run_steps(
                regions.lab, tmp_path, "knowledgecity.platform.rds_failover", [options], "-vvvv", region=THERE
            )
    finally:
        over.set()
        watcher.join()
    assert answer["failover"]["outcome"] == "done", answer
    assert any("ansible-playbook" in line for line in lines)
    journal = json.dumps(regions.journal(THERE))
    for secret in (PASSWORD, APP_PASSWORD):
        for place in (output, json.dumps(answer), journal, "\n".join(lines)):
            assert secret not in place


def test_the_other_direction_is_rebuilt(regions, tmp_path):
    refused = _play(regions, tmp_path, "db_rebuild_replica", "--limit", THERE)
    assert refused.changed == {THERE: 0}, "the writer itself is never touched"
    old = regions.places[HERE].described(regions.name(HERE))["DbiResourceId"]
    announced = _play(regions, tmp_path, "db_rebuild_replica", "--limit", HERE, "--check")
    assert announced.returncode == 0, announced.output[-4000:]
    assert regions.places[HERE].described(regions.name(HERE))["DbiResourceId"] == old
    _play(regions, tmp_path, "db_rebuild_replica", "--limit", HERE).succeeded()
    replica = regions.places[HERE].described(regions.name(HERE))
    assert replica["DbiResourceId"] != old
    assert replica["ReadReplicaSourceDBInstanceIdentifier"].endswith(f":{THERE}:{ACCOUNT_ID}:db:{regions.name(THERE)}")
    snapshots = regions.places[HERE].rds.describe_db_snapshots()["DBSnapshots"]
    assert [item["DBInstanceIdentifier"] for item in snapshots] == [regions.name(HERE)]
    secret = regions.lab("secretsmanager", HERE).describe_secret(SecretId=f"{PREFIX}/database/master")
    assert secret["PrimaryRegion"] == THERE
    again = _play(regions, tmp_path, "db_rebuild_replica", "--limit", HERE).succeeded()
    assert again.changed == {HERE: 0}
    assert regions.make_ready() == HERE


def test_tenants_need_nothing_after_a_switchover(regions, tmp_path):
    """Their secrets name the new writer, and the users note the new versions: no password is set anew."""
    for tenant in ("alpha", "beta"):
        value = regions.lab("secretsmanager", THERE).get_secret_value(SecretId=f"{SECRETS}tenants/{tenant}")
        assert json.loads(value["SecretString"])["host"] == regions.endpoint(THERE)
    assert _play(regions, tmp_path, "tenants").succeeded().changed == {HERE: 0, THERE: 0}


def test_a_switchover_by_its_playbook(regions, tmp_path):
    checked = _play(regions, tmp_path, "db_switchover", "-e", f"database_failover_to={HERE}", "--check").succeeded()
    assert checked.changed[HERE] == 1
    assert regions.active == THERE
    ran = _play(regions, tmp_path, "db_switchover", "-e", f"database_failover_to={HERE}").succeeded()
    assert ran.changed == {HERE: 1, THERE: 0}
    assert [regions.takes_writes(region) for region in (HERE, THERE)] == [True, False]
    assert _tenants(regions, HERE) == {"alpha": False, "beta": True}, "who was locked before stays locked"
    assert _play(regions, tmp_path, "db_switchover", "-e", f"database_failover_to={HERE}").changed[HERE] == 0


def test_an_emergency_by_its_playbook(regions, tmp_path):
    regions.restore()
    assert regions.make_ready() == THERE
    regions.lose(HERE)
    arguments = ("-e", f"database_failover_to={THERE}")
    ran = _play(regions, tmp_path, "db_failover", *arguments, "--limit", THERE).succeeded()
    assert ran.changed == {THERE: 1}
    assert "fence the old writer" in ran.output
    assert regions.takes_writes(THERE)
    kept = regions.master_secret(THERE, HERE)
    assert not kept.get("failed"), kept
    assert f"{HERE} does not answer" in json.dumps(kept["warnings"]), kept
    regions.come_back(HERE)
    refused = wait_for("the old writer", lambda: regions.takes_writes(HERE))
    assert refused, "a primary that comes back is writable: that is why it must be fenced"
    ran = _play(regions, tmp_path, "db_failover", *arguments).succeeded()
    assert ran.changed == {HERE: 0, THERE: 1}
    assert [regions.takes_writes(region) for region in (HERE, THERE)] == [False, True]
