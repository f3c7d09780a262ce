# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Two platforms in one account, kc-prod and kc-prod-eu: one is destroyed, and the other isn't touched.

Of the destroyed one everything that is kept can be read and restored, in both regions, while AWS's lists lag behind. The tests run
in this order on one lab.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from tests.support import snapshot
from tests.support.lags import lagging
from tests.support.machines import root_key
from tests.support.partial_checkout import partial_checkout, player

pytestmark = pytest.mark.nightly

REGIONS = ("me-west-1", "eu-central-1")
TIERS = ("region_record", "security", "storage", "dns")
BUILT = ("phases/account", "phases/regional", "phases/links")
OURS, THEIRS = "prod", "prod-eu"
CONTENT = b"what somebody comes back for"
THINGS = ("artefacts", "backups", "logs", "media", "spa", "transfer")
WAITING = ("PendingDeletion", "PendingReplicaDeletion")


def _settings(environment: str, network: int) -> dict:
    return {
        "platform_name": "kc",
        "platform_environment": environment,
        "platform_domain": f"{environment}.knowledgecity.example",
        "platform_regions": {region: {"cidr": f"10.{network + i}.0.0/16"} for i, region in enumerate(REGIONS)},
        "security_waf": False,
        "security_account_baseline": False,
        "dns_certificates": [],
        "dns_delegation_check": False,
        "preflight_rights": "off",
        "storage_keep": ["media", "backups"],
        "storage_when_unavailable": "fail",
    }


@pytest.fixture(scope="module")
def plays(lab, tmp_path_factory) -> dict:
    """By environment: run playbooks of it."""
    folder = tmp_path_factory.mktemp("neighbours")
    return {
        environment: player(lab, partial_checkout(folder / environment, TIERS, _settings(environment, network)))
        for environment, network in ((OURS, 90), (THEIRS, 92))
    }


@pytest.fixture(scope="module", autouse=True)
def _removed(lab, plays) -> Iterator[None]:
    """The lab is left as it was found, but for keys that wait."""
    yield
    for environment, play in plays.items():
        with contextlib.suppress(AssertionError):
            play("destroy", arguments=("-e", f"destroy_environment={environment}", "-e", '{"storage_keep": []}'))


@pytest.fixture(scope="module")
def kept() -> dict:
    """What one test leaves for those after it."""
    return {}


def _bucket(environment: str, region: str, thing: str) -> str:
    return f"kc-{environment}-{region}-storage-{thing}"


def _alias(environment: str, region: str, purpose: str) -> str:
    return f"alias/kc-{environment}-{region}-{purpose}"


def _digest(lab, environment: str) -> list[dict]:
    """What belongs to an environment alone: kc-prod's names in eu-central-1 begin with kc-prod-eu-, too."""
    return [snapshot.digest(lab, environment=f"{environment}-{part}") for part in (*REGIONS, "region", "storage")]


def _difference(found: list[dict], expected: list[dict]) -> str:
    return "\n".join(filter(None, map(snapshot.difference, found, expected)))


def _key_state(lab, region: str, key: str) -> str:
    return lab("kms", region).describe_key(KeyId=key)["KeyMetadata"]["KeyState"]


def _volume_snapshot(lab, region: str) -> str:
    ec2, key = (
        lab("ec2", region),
        lab("kms", region).describe_key(KeyId=_alias(OURS, region, "data"))["KeyMetadata"]["Arn"],
    )
    volume = ec2.create_volume(AvailabilityZone=f"{region}a", Size=1, Encrypted=True, KmsKeyId=key)["VolumeId"]
    snapshot_id = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    ec2.delete_volume(VolumeId=volume)
    return snapshot_id


def _database_snapshot(lab, region: str) -> str:
    rds, name = lab("rds", region), "kc-prod-left"
    rds.create_db_instance(
        DBInstanceIdentifier=name,
        DBInstanceClass="db.t4g.micro",
        Engine="mysql",
        AllocatedStorage=20,
        MasterUsername="admin",
        MasterUserPassword="unused-password",
        StorageEncrypted=True,
        KmsKeyId=lab("kms", region).describe_key(KeyId=_alias(OURS, region, "data"))["KeyMetadata"]["Arn"],
    )
    rds.create_db_snapshot(DBSnapshotIdentifier=f"{name}-final", DBInstanceIdentifier=name)
    rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)
    return f"{name}-final"


def test_a_name_that_begins_as_another_ones_is_refused_before_the_first_change(lab, plays):
    plays[OURS]("phases/preflight", *BUILT).succeeded()
    ran = plays[THEIRS]("phases/preflight")
    assert ran.returncode != 0
    assert not any(ran.changed.values())
    assert "the platform kc-prod has names that begin with kc-prod-" in " ".join(ran.output.split())


def test_one_that_is_there_is_only_warned(lab, plays):
    """As where both were built by an earlier version."""
    plays[THEIRS](*BUILT).succeeded()
    for environment in (OURS, THEIRS):
        ran = plays[environment]("phases/preflight").succeeded()
        assert "rights to kc-prod-* hold for both" in " ".join(ran.output.split())


def test_a_destruction_leaves_the_neighbour_as_it_is(lab, plays, kept):
    for environment in (OURS, THEIRS):
        for region in REGIONS:
            for thing in ("media", "backups", "spa"):
                lab("s3", region).put_object(Bucket=_bucket(environment, region, thing), Key="kept", Body=CONTENT)
            envelope = lab("kms", region, key=root_key()).generate_data_key(
                KeyId=_alias(environment, region, "media-envelope"), KeySpec="AES_256"
            )
            kept[environment, region, "envelope"] = envelope["CiphertextBlob"], envelope["Plaintext"]
    kept["volume"], kept["database"] = _volume_snapshot(lab, REGIONS[0]), _database_snapshot(lab, REGIONS[1])
    before = _digest(lab, THEIRS)
    with lagging(lab, listed=6):
        for region in REGIONS:  # what the tagging API is to forget late, it must have seen
            lab("resourcegroupstaggingapi", region).get_resources()
        ran = plays[OURS]("destroy", arguments=("-e", f"destroy_environment={OURS}")).succeeded()
    kept["said"] = ran.output
    assert not _difference(_digest(lab, THEIRS), before)
    for region in REGIONS:
        for thing in ("media", "backups", "spa"):
            found = lab("s3", region).get_object(Bucket=_bucket(THEIRS, region, thing), Key="kept")
            assert found["Body"].read() == CONTENT


def test_every_kept_object_reads_in_both_regions(lab, kept):
    names = {bucket["Name"] for bucket in lab("s3").list_buckets()["Buckets"]}
    ours = {_bucket(OURS, region, thing) for region in REGIONS for thing in THINGS} & names
    assert ours == {_bucket(OURS, region, thing) for region in REGIONS for thing in ("media", "backups")}
    for region in REGIONS:
        for thing in ("media", "backups"):
            assert (
                lab("s3", region).get_object(Bucket=_bucket(OURS, region, thing), Key="kept")["Body"].read() == CONTENT
            )
        ciphertext, plaintext = kept[OURS, region, "envelope"]
        assert lab("kms", region, key=root_key()).decrypt(CiphertextBlob=ciphertext)["Plaintext"] == plaintext


def test_every_kept_snapshot_restores(lab, kept):
    ec2, rds = lab("ec2", REGIONS[0]), lab("rds", REGIONS[1])
    (found,) = ec2.describe_snapshots(SnapshotIds=[kept["volume"]])["Snapshots"]
    assert _key_state(lab, REGIONS[0], found["KmsKeyId"]) == "Enabled"
    volume = ec2.create_volume(AvailabilityZone=f"{REGIONS[0]}a", SnapshotId=kept["volume"])["VolumeId"]
    ec2.delete_volume(VolumeId=volume)
    # Refused where its key is not Enabled: patch kms.unusable_keys.
    rds.restore_db_instance_from_db_snapshot(DBInstanceIdentifier="restored", DBSnapshotIdentifier=kept["database"])
    rds.delete_db_instance(DBInstanceIdentifier="restored", SkipFinalSnapshot=True)
    text = " ".join(kept["said"].split())
    for said in (f"snapshot of a volume {kept['volume']}", f"snapshot of a database {kept['database']}"):
        assert said in text, "the last report says why the key is kept"


def test_no_key_goes_that_something_is_under(lab):
    purposes = ("data", "backups", "media-envelope", "storage")
    states = [_key_state(lab, region, _alias(OURS, region, purpose)) for region in REGIONS for purpose in purposes]
    assert set(states) == {"Enabled"}


def test_a_bucket_of_somebody_else_is_not_emptied(lab, plays):
    """It has a name of ours and holds something, and its tags are another's: nothing is removed."""
    s3, name = lab("s3"), _bucket(OURS, REGIONS[0], "spa")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGIONS[0]})
    s3.put_object(Bucket=name, Key="theirs", Body=CONTENT)
    ran = plays[OURS]("destroy", arguments=("-e", f"destroy_environment={OURS}"))
    assert ran.returncode != 0
    assert f"so they are somebody else's: {name}" in " ".join(ran.output.split())
    assert s3.get_object(Bucket=name, Key="theirs")["Body"].read() == CONTENT
    s3.delete_object(Bucket=name, Key="theirs")
    s3.delete_bucket(Bucket=name)


def test_once_nothing_is_under_it_a_key_goes(lab, plays, kept):
    lab("ec2", REGIONS[0]).delete_snapshot(SnapshotId=kept["volume"])
    lab("rds", REGIONS[1]).delete_db_snapshot(DBSnapshotIdentifier=kept["database"])
    plays[OURS]("destroy", arguments=("-e", f"destroy_environment={OURS}")).succeeded()
    for region in REGIONS:
        assert _key_state(lab, region, _alias(OURS, region, "data")) in WAITING
        assert _key_state(lab, region, _alias(OURS, region, "storage")) == "Enabled", "buckets are under it"
        assert _key_state(lab, region, _alias(THEIRS, region, "data")) == "Enabled"
