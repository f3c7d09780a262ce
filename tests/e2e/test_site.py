# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The story of a platform: nothing, built, unchanged, failed over, its record by hand, a region lost, removed, built again.

The tests run in this order on one lab; each says which state it needs.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from lab.operator import OPERATOR
from lab.settings import CHECKOUT
from tests.support import awx, kills, machines, playbooks, record, snapshot
from tests.support.clickhouse import server_of_the_platform
from tests.support.media_of_site import MediaOfSite
from tests.support.video_source import colour_bars
from tools.operator_policy import record as record_of_rights
from tools.operator_policy import rules
from tools.operator_policy.comparison import differences

REGIONS = ("me-west-1", "eu-central-1")
HOSTS = {*REGIONS, "global"}
MEDIA = "kc-lab-{}-storage-media"
HOST_TESTS = CHECKOUT / "extensions" / "molecule" / "media_host" / "tests"
WAITING = ("PendingDeletion", "PendingReplicaDeletion")


@pytest.fixture(scope="module")
def story(own_lab) -> dict:
    """What one test leaves for those after it."""
    return {"lab": own_lab}


def _empty(state: dict) -> bool:
    return not state["iam"] and not any(entries for region in REGIONS for entries in state[region].values())


def test_check_mode_on_an_empty_account_says_what_would_be(own_lab):
    ran = playbooks.run(own_lab, "--check", "--diff").succeeded()
    assert set(ran.recap) == HOSTS
    for named in (
        "kc-lab-me-west-1-network",
        "kc-lab-eu-central-1-network",
        *(MEDIA.format(region) for region in REGIONS),
        "kc-lab-region-record",
        "kc-lab-storage-replication",
        "kc-lab-me-west-1-database",
        "kc-lab-me-west-1-media",
    ):
        assert named in ran.output, f"check mode on an empty account does not name {named}"
    assert _empty(snapshot.digest(own_lab)), "check mode created something"


def test_site_builds_both_regions(story):
    lab = story["lab"]
    ran = playbooks.run(lab, "-vvvv").succeeded()
    story["build_output"], story["build_seconds"] = ran.output, ran.seconds
    assert set(ran.recap) == HOSTS
    assert all(count > 0 for count in ran.changed.values())
    story["built"] = snapshot.digest(lab)
    copies = [record.read(lab, region) for region in REGIONS]
    assert copies[0] == copies[1]
    assert copies[0]["active_region"] == "me-west-1"
    assert copies[0]["writer_endpoint"] == _database(lab, "me-west-1")["Endpoint"]["Address"]
    assert _database(lab, "eu-central-1")["ReadReplicaSourceDBInstanceIdentifier"]


def _database(lab, region: str) -> dict:
    return lab("rds", region).describe_db_instances(DBInstanceIdentifier=f"kc-lab-{region}-database")["DBInstances"][0]


def test_no_secret_is_printed(story):
    """Not at -vvvv either: the operator's secret, the lab's private keys and the keys' material are looked for."""
    lab = story["lab"]
    settings = lab.stack.settings
    master = lab("secretsmanager").get_secret_value(SecretId="kc-lab/database/master")["SecretString"]
    secrets = {
        "the operator's secret": lab.stack.operator_key()["secret"],
        "the database's password": json.loads(master)["password"],
        "the key of the media's tokens": json.loads(_media(lab).secret(REGIONS[0]))["keys"]["first"],
    }
    for key_file in settings.tls.glob("*.key"):
        secrets[key_file.name] = key_file.read_text().splitlines()[1]
    # The emulator writes its state when it stops, key material included.
    lab.stack.down(purge=False, say=lambda _line: None)
    lab.stack.up(lambda _line: None)
    material = list(_key_material(json.loads((settings.state / "services" / "kms.json").read_text())))
    assert material, "the emulator's state holds no key material: nothing was looked for"
    secrets |= {f"key material {number}": value for number, value in enumerate(material)}
    found = [name for name, value in secrets.items() if value in story["build_output"]]
    assert not found, f"printed at -vvvv: {found}"


def _key_material(value):
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "_symmetric_key_b64":
                yield item
            else:
                yield from _key_material(item)
    elif isinstance(value, list):
        for item in value:
            yield from _key_material(item)


def test_second_run_changes_nothing(story, tmp_path):
    """As a job of AWX, which keeps no secret of it."""
    lab, answers = story["lab"], {"platform_expected_environment": "lab"}
    job = awx.launch(lab, tmp_path, "site", awx.extra_vars(awx.template("site"), answers))
    assert job.status == "successful", job.output[-3000:]
    assert set(job.ok) == HOSTS
    assert (job.changed, job.failures) == ({}, {})
    assert not job.files_with(lab.stack.operator_key()["secret"])


def test_check_mode_on_a_built_platform_reports_no_change(story):
    """In one region, which takes half the time; the other was built by the same tasks."""
    ran = playbooks.run(story["lab"], "--check", "--diff", "--limit", REGIONS[0]).succeeded()
    assert ran.changed == {REGIONS[0]: 0}, ran.changes()


def test_an_object_reaches_the_other_region_and_its_deletion_follows(story):
    lab = story["lab"]
    here, there = (lab("s3", region) for region in REGIONS)
    key, body = "media/lesson/1.mp4", bytes(range(256)) * 4096
    here.put_object(Bucket=MEDIA.format(REGIONS[0]), Key=key, Body=body)
    assert _wait(lambda: _body(there, MEDIA.format(REGIONS[1]), key) == body)
    here.delete_object(Bucket=MEDIA.format(REGIONS[0]), Key=key)
    assert _wait(lambda: _body(there, MEDIA.format(REGIONS[1]), key) is None)


def _media(lab) -> MediaOfSite:
    return MediaOfSite(lab, "kc-lab", "lab.knowledgecity.example")


def test_a_video_is_packaged_by_the_hosts_and_plays_in_both_regions(story, tmp_path):
    """Under the tier's own rights: the hosts have no others."""
    lab, media = story["lab"], _media(story["lab"])
    here, there = REGIONS
    assert _wait(lambda: media.leads_to() == media.balancer(here), timeout=60)
    said = media.upload(here, _runner(lab, here), "bars", colour_bars(tmp_path / "bars.mp4").read_bytes())
    assert said["state"] == "ready", said
    key = "media/acme/bars/asset.json"
    assert _wait(lambda: _body(lab("s3", there), MEDIA.format(there), key) is not None)
    for region in REGIONS:
        played = media.play(region, _runner(lab, region), "bars")
        assert any(text.startswith("#EXTM3U") for text in played.values()), played
        assert any("<MPD" in text and 'type="static"' in text for text in played.values()), played


def test_a_host_that_configured_itself_is_what_its_role_says(story):
    """Judged by testinfra, with the tests of the molecule scenario, which also looks at one that was configured by push."""
    lab = story["lab"]
    host = _media(lab).healthy(REGIONS[0])[0]
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
    # Nobody pushes here, and the lab was started anew since the boot.
    ran = subprocess.run(
        [*judge, "-k", "not a_push", f"--hosts=docker://{host}", str(HOST_TESTS)],
        env=lab.environment(administrator=True) | named,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-6000:]
    assert "skipped" not in ran.stdout


def test_new_content_keys_reach_both_regions(story):
    """Asked for by the runner, done by the hosts, each under its own role; a second run writes nothing."""
    lab, media = story["lab"], _media(story["lab"])
    asked = ("-e", "media_rotation_mode=reencrypt", "-e", "media_rotation_id=story")
    rotated = playbooks.run(lab, *asked, playbook="playbooks/media_rotate.yml").succeeded()
    assert rotated.changed == {REGIONS[0]: 1, REGIONS[1]: 0}
    again = playbooks.run(lab, *asked, playbook="playbooks/media_rotate.yml").succeeded()
    assert again.changed == {REGIONS[0]: 0, REGIONS[1]: 0}
    # A server looks at an asset's pointer every few seconds.
    for region in REGIONS:
        assert _wait(lambda place=region: _plays_version(media, place, _runner(lab, place), 2), timeout=60)


def _plays_version(media: MediaOfSite, region: str, viewer: str, version: int) -> bool:
    return all(f"/v{version}/" in text for text in media.play(region, viewer, "bars").values())


def test_viewers_of_a_lost_region_are_led_to_the_other(story):
    lab, media = story["lab"], _media(story["lab"])
    here, there = REGIONS
    balancers = {region: media.balancer(region) for region in REGIONS}
    lab.stack.control(here, "silent")
    try:
        assert _wait(lambda: media.leads_to() == balancers[there], timeout=90), "three probes, ten seconds apart"
        assert media.play(there, _runner(lab, there), "bars")
    finally:
        lab.stack.control(here, "open")
    assert _wait(lambda: media.leads_to() == balancers[here], timeout=90)


def _body(s3, bucket: str, key: str) -> bytes | None:
    try:
        return s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchKey":
            return None
        raise


def _wait(condition, timeout: float = 15.0) -> bool:
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


def test_runners_back_up_copy_prove_and_restore_clickhouse(story):
    """By the playbooks, under the roles of the runners and of ClickHouse, over the VPC's own ways to the server and to S3."""
    lab = story["lab"]
    here, there = REGIONS
    chosen = ("-e", json.dumps({"clickhouse_backup_name": "story", "clickhouse_backup_databases": ["reporting"]}))
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
        assert _alarms(lab, here) == {"age": "INSUFFICIENT_DATA", "unproven": "ALARM"}
        play("verify", here)
        assert _alarms(lab, here) == {"age": "OK", "unproven": "OK"}
        assert play("restore", there, "-e", "clickhouse_backup_name=story") == {there: 1}
        assert target(content) == origin(content)
        assert target(content).startswith("20000\t")


def _alarms(lab, region: str) -> dict[str, str]:
    """The states of the alarms on backups of ClickHouse."""
    prefix = f"kc-lab-{region}-clickhouse-backup-"
    found = lab("cloudwatch", region).describe_alarms(AlarmNamePrefix=prefix)["MetricAlarms"]
    return {alarm["AlarmName"].removeprefix(prefix): alarm["StateValue"] for alarm in found}


def test_a_killed_runner_is_replaced_and_configures_itself(story):
    """Killed outside the platform; the one that takes its place has taken its bundle from its own region's bucket."""
    lab, region = story["lab"], REGIONS[1]
    first = machines.wait_for("the runner", lambda: _runner(lab, region))
    subprocess.run(["docker", "kill", first], capture_output=True, check=True)
    second = machines.wait_for("another runner", lambda: _runner(lab, region, but=first))
    playbooks.run(lab, "--limit", region, playbook="playbooks/phases/runners.yml").succeeded()
    machines.booted(second)
    bundle = machines.inside(second, "readlink", "/opt/knowledgecity/runner/current").stdout.strip().rpartition("/")[2]
    taken = lab("s3", region).list_objects_v2(Bucket=f"kc-lab-{region}-storage-artefacts")["Contents"]
    assert [item["Key"] for item in taken if bundle in item["Key"]], f"{bundle} is not in the region's bucket"


def _runner(lab, region: str, but: str = "") -> str:
    """The running runner of a region; empty where there is none but `but`."""
    wanted = [{"Name": "tag:tier", "Values": ["runner"]}, {"Name": "instance-state-name", "Values": ["running"]}]
    groups = lab("ec2", region).describe_instances(Filters=wanted)["Reservations"]
    found = [instance["InstanceId"] for group in groups for instance in group["Instances"]]
    return next((instance_id for instance_id in found if instance_id != but), "")


def test_the_writer_moves_to_the_other_region_and_leaves_a_replica(story):
    """By the playbooks: what speaks to the servers runs on the runner of the region gone to, under its role."""
    lab = story["lab"]
    here, there = REGIONS
    story["before"] = record.stored(lab, here)
    # The lag under the load of two builds on one machine is not the platform's.
    to = ("-e", f"database_failover_to={there}", "-e", "database_failover_max_lag_ms=3000")
    moved = playbooks.run(lab, *to, playbook="playbooks/db_switchover.yml").succeeded()
    assert moved.changed == {here: 0, there: 1}
    playbooks.run(lab, "--limit", here, playbook="playbooks/db_rebuild_replica.yml").succeeded()
    assert _database(lab, here)["ReadReplicaSourceDBInstanceIdentifier"] == _database(lab, there)["DBInstanceArn"]
    assert not _database(lab, there).get("ReadReplicaSourceDBInstanceIdentifier")


def test_a_failover_is_never_undone_and_a_stale_copy_is_healed(story):
    """The copy of the region that was left is as before: the run follows the other, and brings this one and the names up to it."""
    lab = story["lab"]
    record.put(lab, "me-west-1", story["before"])
    ran = playbooks.run(lab).succeeded()
    healed, moved = ran.changes()
    assert "Make the copies of the region record agree" in healed
    assert "Create the failover records and health checks" in moved
    media = _media(lab)
    assert _wait(lambda: media.leads_to() == media.balancer("eu-central-1"))
    copies = [record.read(lab, region) for region in REGIONS]
    assert copies[0] == copies[1]
    assert copies[0]["active_region"] == "eu-central-1"
    assert int(copies[0]["epoch"]) > int(story["before"]["epoch"]["N"])
    assert f"eu-central-1 is active since epoch {copies[0]['epoch']}" in ran.output


def test_a_record_by_hand_makes_no_writer_of_a_replica(story):
    """The record says what the databases don't: it is written to both copies, and the databases are left as they are."""
    lab = story["lab"]
    true = record.stored(lab, "me-west-1")
    epoch = int(true["epoch"]["N"])
    before = snapshot.digest(lab)
    record.update(lab, "me-west-1", epoch=epoch + 1, active_region="me-west-1", reason="by hand")
    ran = playbooks.run(lab)
    assert ran.returncode != 0
    assert sum(ran.changed.values()) == 1, f"more than the other copy was changed: {ran.changes()}"
    for region in REGIONS:
        assert record.read(lab, region)["active_region"] == "me-west-1"
        record.put(lab, region, true | {"epoch": {"N": str(epoch + 2)}})
    after = snapshot.digest(lab)
    for region in REGIONS:
        for kind in ("Databases", "DatabaseBackups", "DatabaseParameters"):
            assert after[region][kind] == before[region][kind]
    said = " ".join(ran.output.split())
    assert "me-west-1 takes writes, but kc-lab-me-west-1-database is a read replica" in said
    assert "kc-lab-eu-central-1-database isn't a replica of its database" in said


def test_two_contents_under_one_epoch_stop_before_the_first_change(story):
    lab = story["lab"]
    epoch = record.read(lab, "me-west-1")["epoch"]
    record.update(lab, "me-west-1", active_region="me-west-1")
    # Something a run would mend, to see that it didn't get that far.
    s3, bucket = lab("s3", "me-west-1"), {"Bucket": MEDIA.format("me-west-1")}
    kept = s3.get_bucket_lifecycle_configuration(**bucket)["Rules"]
    s3.delete_bucket_lifecycle(**bucket)
    before = snapshot.digest(lab)
    ran = playbooks.run(lab)
    assert ran.returncode != 0
    assert f"two contents under epoch {epoch}" in ran.output
    assert not any(ran.changed.values())
    assert snapshot.digest(lab) == before
    record.update(lab, "me-west-1", active_region="eu-central-1")
    s3.put_bucket_lifecycle_configuration(**bucket, LifecycleConfiguration={"Rules": kept})


def test_with_one_regions_api_cut_the_other_can_be_worked_on(story):
    lab = story["lab"]
    s3 = lab("s3", "eu-central-1")
    s3.delete_bucket_lifecycle(Bucket=MEDIA.format("eu-central-1"))
    lab.stack.control("me-west-1", "refuse")
    try:
        refused = playbooks.run(lab)
        ran = playbooks.run(lab, "--limit", "eu-central-1")
    finally:
        lab.stack.control("me-west-1", "open")
    assert refused.returncode != 0
    assert not any(refused.changed.values())
    assert "me-west-1" in refused.output
    ran.succeeded()
    assert set(ran.recap) == {"eu-central-1"}
    assert ran.changed["eu-central-1"] > 0
    assert "region record of me-west-1 could not be read" in " ".join(ran.output.split())


def test_destroy_wants_the_environments_name(story):
    lab = story["lab"]
    before = snapshot.digest(lab)
    ran = playbooks.run(lab, "-e", "destroy_environment=production", playbook="playbooks/destroy.yml")
    assert ran.returncode != 0
    assert "Nothing was removed" in ran.output
    assert snapshot.digest(lab) == before


def test_destroy_of_a_protected_environment_wants_a_second_switch(story):
    lab = story["lab"]
    before = snapshot.digest(lab)
    arguments = ("-e", "destroy_environment=lab", "-e", "platform_protected=true")
    ran = playbooks.run(lab, *arguments, playbook="playbooks/destroy.yml")
    assert ran.returncode != 0
    assert "destroy_protected=true" in ran.output
    assert snapshot.digest(lab) == before


def test_destroy_leaves_nothing_but_what_waits_for_its_deletion(story):
    lab = story["lab"]
    lab("s3").put_object(Bucket=MEDIA.format("me-west-1"), Key="left", Body=b"an object keeps a bucket from going")
    lab("s3").create_multipart_upload(Bucket=MEDIA.format("me-west-1"), Key="an upload that nobody completed")
    ran = playbooks.run(lab, "-e", "destroy_environment=lab", playbook="playbooks/destroy.yml").succeeded()
    left = _tagged(lab)
    assert any(":key/" in arn for arn in left)
    snapshots = [arn for arn in left if ":snapshot:kc-lab-me-west-1-database-final-" in arn]
    assert len(snapshots) == 1, "the old writer's last snapshot, which is kept on purpose"
    for arn in left:
        assert arn in snapshots or _is_gone(lab, arn), f"{arn} is still there"
        assert arn in ran.output, f"{arn} is left and not listed"


def _is_gone(lab, arn: str) -> bool:
    """Whether AWS only still lists it.

    A key or a secret in its waiting time, or a key that waits for its replica's; a NAT gateway, a peering connection, an instance
    that is gone.
    """
    region, (kind, _, identity) = arn.split(":")[3], arn.split(":")[5].partition("/")
    if kind == "key":
        return lab("kms", region).describe_key(KeyId=identity)["KeyMetadata"]["KeyState"] in WAITING
    if arn.split(":")[2] == "secretsmanager":
        return "DeletedDate" in lab("secretsmanager", region).describe_secret(SecretId=arn)
    if kind == "natgateway":
        found = lab("ec2", region).describe_nat_gateways(NatGatewayIds=[identity])
        return found["NatGateways"][0]["State"] == "deleted"
    if kind == "instance":
        found = lab("ec2", region).describe_instances(InstanceIds=[identity])
        return found["Reservations"][0]["Instances"][0]["State"]["Name"] == "terminated"
    if kind == "vpc-peering-connection":
        found = lab("ec2", region).describe_vpc_peering_connections(VpcPeeringConnectionIds=[identity])
        return found["VpcPeeringConnections"][0]["Status"]["Code"] == "deleted"
    return False


def _tagged(lab) -> list[str]:
    """Every ARN in both regions that carries the platform's tags, asked of each service by itself where it can be."""
    filters = [{"Key": "platform", "Values": ["kc"]}, {"Key": "environment", "Values": ["lab"]}]
    found = []
    for region in REGIONS:
        pages = lab("resourcegroupstaggingapi", region).get_paginator("get_resources").paginate(TagFilters=filters)
        found += [resource["ResourceARN"] for page in pages for resource in page["ResourceTagMappingList"]]
        assert not [name for name in lab("dynamodb", region).list_tables()["TableNames"] if name.startswith("kc-lab-")]
    assert not [bucket for bucket in lab("s3").list_buckets()["Buckets"] if bucket["Name"].startswith("kc-lab-")]
    assert not [
        role for role in lab("iam", "us-east-1").list_roles()["Roles"] if role["RoleName"].startswith("kc-lab-")
    ]
    return found


def test_the_installed_artefact_builds_after_destroy_though_it_is_killed(story, tmp_path):
    """The collection as a user installs it: built, installed elsewhere, and its playbook run by its FQCN.

    The first run of it is killed at a random moment of its first half; `make soak` kills ten.
    """
    lab = story["lab"]
    config = tmp_path / "ansible.cfg"
    config.write_text(f"[defaults]\ncollections_path = {tmp_path / 'installed'}\n")
    environment = lab.environment() | {"ANSIBLE_CONFIG": str(config)}
    build = ["ansible-galaxy", "collection", "build", "--output-path", str(tmp_path)]
    subprocess.run(build, check=True, env=environment, capture_output=True)
    artefact = next(tmp_path.glob("knowledgecity-platform-*.tar.gz"))
    install = ["ansible-galaxy", "collection", "install", "--offline", "--no-deps", "-p", str(tmp_path / "installed")]
    subprocess.run([*install, str(artefact)], check=True, env=environment, capture_output=True)
    installed = tmp_path / "installed" / "ansible_collections" / "knowledgecity" / "platform"
    hidden = [path.name for path in installed.iterdir() if path.name.startswith(".")]
    assert not hidden, "the artefact holds what only a checkout needs"
    assert not any((installed / name).exists() for name in ("lab", "tests", "tools", "inventories"))
    site = {
        "playbook": "knowledgecity.platform.site",
        "inventory": Path("inventories/lab").resolve(),
        "ANSIBLE_CONFIG": str(config),
    }
    early, _late = kills.moments(2, story["build_seconds"])
    print(kills.kill_after(lab, early, **site))
    assert set(playbooks.run(lab, **site).succeeded().recap) == HOSTS
    assert not snapshot.difference(snapshot.digest(lab), story["built"])


def test_the_operator_policy_is_what_the_story_needed(story, rights_record):
    """No right is missing, as every run above was the operator's; and none is given that nothing needs."""
    policy = json.loads(Path("docs/operator-policy.json").read_text())
    recorded = record_of_rights.read(rights_record, OPERATOR)
    assert "ec2:CreateVpc" in recorded.actions
    assert "s3:DeleteBucket" in recorded.actions
    assert not list(differences(policy, recorded, rules.completions()))
