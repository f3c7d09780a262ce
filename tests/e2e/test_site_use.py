# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A part of the end-to-end scenario, on a copy of the built lab: media, the loss of a region, ClickHouse, a killed runner.

The tests run in this order on one lab.
"""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from lab.settings import CHECKOUT
from tests.media.sources import moving_picture
from tests.support import machines, playbooks
from tests.support.built_site import MEDIA, REGIONS, body, judge_rights, media, runner, wait
from tests.support.clickhouse import server_of_the_platform
from tests.support.labs import Clients
from tests.support.media_group import MediaGroup, assert_committed_once
from tests.support.media_of_site import MediaOfSite
from tests.support.video_source import colour_bars

HOST_TESTS = CHECKOUT / "extensions" / "molecule" / "media_host" / "tests"


@pytest.fixture(scope="module")
def lab(copied_lab) -> Clients:
    """The built platform."""
    return copied_lab


def test_a_video_is_packaged_by_the_hosts_and_plays_in_both_regions(lab, tmp_path):
    """Under the tier's own rights: the hosts have no others."""
    tier = media(lab)
    here, there = REGIONS
    assert wait(lambda: tier.leads_to() == tier.balancer(here), timeout=60)
    said = tier.upload(here, runner(lab, here), "bars", colour_bars(tmp_path / "bars.mp4").read_bytes())
    assert said["state"] == "ready", said
    key = "media/acme/bars/asset.json"
    assert wait(lambda: body(lab("s3", there), MEDIA.format(there), key) is not None)
    for region in REGIONS:
        played = tier.play(region, runner(lab, region), "bars")
        assert any(text.startswith("#EXTM3U") for text in played.values()), played
        assert any("<MPD" in text and 'type="static"' in text for text in played.values()), played


def test_a_host_that_configured_itself_is_what_its_role_says(lab):
    """Judged by testinfra, with the tests of the molecule scenario, which also looks at one that was configured by push."""
    host = media(lab).healthy(REGIONS[0])[0]
    named = {"MEDIA_HOST_BOOTED": host, "MEDIA_TOKENS_SECRET": "kc-lab/media/tokens"}
    judge = [
        sys.executable,
        "-m",
        "pytest",
        "--config-file=/dev/null",
        f"--rootdir={HOST_TESTS}",
        "-p",
        "no:cacheprovider",
    ]
    ran = subprocess.run(
        [*judge, f"--hosts=docker://{host}", str(HOST_TESTS)],
        env=lab.environment(administrator=True) | named,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-6000:]
    assert "skipped" not in ran.stdout


def test_a_push_changes_nothing_on_hosts_that_configured_themselves(lab):
    region = REGIONS[0]
    only = f"{region}:media_{region.replace('-', '_')}"
    pushed = playbooks.run(lab, "--limit", only, playbook="playbooks/media.yml").succeeded()
    assert set(pushed.recap) == {region, *media(lab).healthy(region)}
    assert not any(pushed.changed.values()), pushed.changes()


def test_new_content_keys_reach_both_regions(lab):
    """Asked for by the runner, done by the hosts, each under its own role; a second run writes nothing."""
    tier = media(lab)
    asked = ("-e", "media_rotation_mode=reencrypt", "-e", "media_rotation_id=scenario")
    rotated = playbooks.run(lab, *asked, playbook="playbooks/media_rotate.yml").succeeded()
    assert rotated.changed == {REGIONS[0]: 1, REGIONS[1]: 0}
    again = playbooks.run(lab, *asked, playbook="playbooks/media_rotate.yml").succeeded()
    assert again.changed == {REGIONS[0]: 0, REGIONS[1]: 0}
    # A server looks at an asset's pointer every few seconds.
    for region in REGIONS:
        assert wait(lambda place=region: _plays_version(tier, place, runner(lab, place), 2), timeout=60)


def _plays_version(media: MediaOfSite, region: str, viewer: str, version: int) -> bool:
    return all(f"/v{version}/" in text for text in media.play(region, viewer, "bars").values())


def test_viewers_of_a_lost_region_are_led_to_the_other(lab):
    tier = media(lab)
    here, there = REGIONS
    balancers = {region: tier.balancer(region) for region in REGIONS}
    lab.stack.control(here, "silent")
    try:
        assert wait(lambda: tier.leads_to() == balancers[there], timeout=90), "three probes, ten seconds apart"
        assert tier.play(there, runner(lab, there), "bars")
    finally:
        lab.stack.control(here, "open")
    assert wait(lambda: tier.leads_to() == balancers[here], timeout=90)


def test_runners_back_up_copy_prove_and_restore_clickhouse(lab):
    """By the playbooks, under the roles of the runners and of ClickHouse, over the VPC's own ways to the server and to S3."""
    here, there = REGIONS
    chosen = ("-e", json.dumps({"clickhouse_backup_name": "scenario", "clickhouse_backup_databases": ["reporting"]}))
    content = "SELECT count(), groupBitXor(cityHash64(*)) FROM reporting.events"

    def play(name: str, region: str, *arguments: str) -> dict[str, int]:
        book = f"playbooks/clickhouse_{name}.yml"
        return playbooks.run(lab, "--limit", region, *arguments, playbook=book).succeeded().changed

    with server_of_the_platform(lab, here) as origin, server_of_the_platform(lab, there) as target:
        origin("CREATE DATABASE reporting")
        origin("CREATE TABLE reporting.events (id UInt64, text String) ENGINE = MergeTree ORDER BY id")
        origin("INSERT INTO reporting.events SELECT number, toString(cityHash64(number)) FROM numbers(20000)")
        assert play("backup", here, *chosen) == {here: 2}, "made, and fetched by the other region"
        assert play("backup", here, *chosen) == {here: 0}
        assert _alarms(lab, here) == {
            "age": "INSUFFICIENT_DATA",
            "uncompared": "INSUFFICIENT_DATA",
            "unproven": "ALARM",
        }
        play("verify", here)
        assert _alarms(lab, here) == {"age": "OK", "uncompared": "OK", "unproven": "OK"}
        assert play("restore", there, "-e", "clickhouse_backup_name=scenario") == {there: 1}
        assert target(content) == origin(content)
        assert target(content).startswith("20000\t")


def _alarms(lab, region: str) -> dict[str, str]:
    """The states of the alarms on backups of ClickHouse."""
    prefix = f"kc-lab-{region}-clickhouse-backup-"
    found = lab("cloudwatch", region).describe_alarms(AlarmNamePrefix=prefix)["MetricAlarms"]
    return {alarm["AlarmName"].removeprefix(prefix): alarm["StateValue"] for alarm in found}


def test_a_lost_hosts_job_is_done_by_the_one_that_replaces_it(lab, tmp_path):
    """The only host is killed at work; test_media_hosts_killed.py (`make nightly`) has two, and one that is ended in order."""
    group = MediaGroup(lab, "kc-lab", REGIONS[0])
    group.queue("lost", moving_picture(tmp_path / "film.mp4", size="1280x720", seconds=20))
    first = machines.wait_for("a host that works on it", group.at_work)
    subprocess.run(["docker", "kill", "--signal", "KILL", first], check=True, capture_output=True)
    second = machines.wait_for("the job's end", lambda: group.finisher("lost"), timeout=900)
    assert second != first
    assert_committed_once(group, "lost")


def test_a_killed_runner_is_replaced_and_configures_itself(lab):
    """Killed outside the platform; the one that takes its place has taken its bundle from its own region's bucket."""
    region = REGIONS[1]
    first = machines.wait_for("the runner", lambda: runner(lab, region))
    subprocess.run(["docker", "kill", first], capture_output=True, check=True)
    second = machines.wait_for("another runner", lambda: runner(lab, region, but=first))
    playbooks.run(lab, "--limit", region, playbook="playbooks/phases/runners.yml").succeeded()
    machines.booted(second)
    bundle = machines.inside(second, "readlink", "/opt/knowledgecity/runner/current").stdout.strip().rpartition("/")[2]
    taken = lab("s3", region).list_objects_v2(Bucket=f"kc-lab-{region}-storage-artefacts")["Contents"]
    assert [item["Key"] for item in taken if bundle in item["Key"]], f"{bundle} is not in the region's bucket"


def test_the_operators_rights_are_what_the_scenario_needs(lab, rights_record):
    """See the part that builds."""
    judge_rights("use", rights_record)
