# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A part of the end-to-end scenario, on a copy of the built lab: failed over, its record by hand, removed.

The tests run in this order on one lab; each says which state it needs.
"""

from __future__ import annotations

import pytest

from tests.support import playbooks, record, snapshot
from tests.support.built_site import MEDIA, REGIONS, database, judge_rights, media, wait
from tests.support.labs import Clients

WAITING = ("PendingDeletion", "PendingReplicaDeletion")


@pytest.fixture(scope="module")
def lab(copied_lab) -> Clients:
    """The built platform."""
    return copied_lab


@pytest.fixture(scope="module")
def kept() -> dict:
    """What one test leaves for those after it."""
    return {}


def test_the_writer_moves_to_the_other_region_and_leaves_a_replica(lab, kept):
    """By the playbooks: what speaks to the servers runs on the runner of the region gone to, under its role."""
    here, there = REGIONS
    kept["before"] = record.stored(lab, here)
    # The lag under the load of two builds on one machine is not the platform's.
    to = ("-e", f"database_failover_to={there}", "-e", "database_failover_max_lag_ms=3000")
    moved = playbooks.run(lab, *to, playbook="playbooks/db_switchover.yml").succeeded()
    assert moved.changed == {here: 0, there: 1}
    playbooks.run(lab, "--limit", here, playbook="playbooks/db_rebuild_replica.yml").succeeded()
    assert database(lab, here)["ReadReplicaSourceDBInstanceIdentifier"] == database(lab, there)["DBInstanceArn"]
    assert not database(lab, there).get("ReadReplicaSourceDBInstanceIdentifier")


def test_a_failover_is_never_undone_and_a_stale_copy_is_healed(lab, kept):
    """The copy of the region that was left is as before: the run follows the other, and brings this one and the names up to it."""
    record.put(lab, "me-west-1", kept["before"])
    ran = playbooks.run(lab).succeeded()
    healed, moved = ran.changes()
    assert "Make the copies of the region record agree" in healed
    assert "Create the failover records and health checks" in moved
    tier = media(lab)
    assert wait(lambda: tier.leads_to() == tier.balancer("eu-central-1"))
    copies = [record.read(lab, region) for region in REGIONS]
    assert copies[0] == copies[1]
    assert copies[0]["active_region"] == "eu-central-1"
    assert int(copies[0]["epoch"]) > int(kept["before"]["epoch"]["N"])
    assert f"eu-central-1 is active since epoch {copies[0]['epoch']}" in ran.output


@pytest.mark.nightly
def test_a_record_by_hand_makes_no_writer_of_a_replica(lab):
    """The record says what the databases don't: it is written to both copies, and the databases are left as they are."""
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


def test_two_contents_under_one_epoch_stop_before_the_first_change(lab):
    epoch = record.read(lab, "me-west-1")["epoch"]
    record.update(lab, "me-west-1", active_region="me-west-1")
    # Something a run would repair, to see that it didn't get that far.
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


@pytest.mark.nightly
def test_with_one_regions_api_cut_the_other_can_be_worked_on(lab):
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


def test_destroy_wants_the_environments_name(lab):
    before = snapshot.digest(lab)
    ran = playbooks.run(lab, "-e", "destroy_environment=production", playbook="playbooks/destroy.yml")
    assert ran.returncode != 0
    assert "Nothing was removed" in ran.output
    assert snapshot.digest(lab) == before


def test_destroy_of_a_protected_environment_wants_a_second_switch(lab):
    before = snapshot.digest(lab)
    arguments = ("-e", "destroy_environment=lab", "-e", "platform_protected=true")
    ran = playbooks.run(lab, *arguments, playbook="playbooks/destroy.yml")
    assert ran.returncode != 0
    assert "destroy_protected=true" in ran.output
    assert snapshot.digest(lab) == before


def test_destroy_leaves_nothing_but_what_waits_for_its_deletion(lab):
    lab("s3").put_object(Bucket=MEDIA.format("me-west-1"), Key="left", Body=b"an object keeps a bucket from going")
    lab("s3").create_multipart_upload(Bucket=MEDIA.format("me-west-1"), Key="an upload that nobody completed")
    ran = playbooks.run(lab, "-e", "destroy_environment=lab", playbook="playbooks/destroy.yml").succeeded()
    left = _tagged(lab)
    assert any(":key/" in arn for arn in left)
    snapshots = [arn for arn in left if ":snapshot:kc-lab-me-west-1-database-final-" in arn]
    assert len(snapshots) == 1, "the old writer's last snapshot, which is kept on purpose"
    (snapshot_,) = lab("rds").describe_db_snapshots(DBSnapshotIdentifier=snapshots[0].split(":")[-1])["DBSnapshots"]
    key = snapshot_["KmsKeyId"]
    assert not _is_gone(lab, key), "nobody could restore the snapshot without its key"
    for arn in left:
        assert arn in (*snapshots, key) or _is_gone(lab, arn), f"{arn} is still there"
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
    """Every ARN in both regions that has the platform's tags, asked of each service by itself where it can be."""
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


def test_the_operators_rights_are_what_the_scenario_needs(lab, rights_record):
    """See the part that builds."""
    judge_rights("failover", rights_record)
