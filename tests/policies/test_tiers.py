# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Each tier's role can do what its tier needs and nothing of what others do, asked of a lab that enforces IAM."""

from __future__ import annotations

import json

import pytest

from tests.policies.conftest import ACCOUNT, BUCKETS, PREFIX, REGION, refused

TIERS = ("runner", "media", "api", "reporting", "clickhouse", "rds-monitoring", "backup")


def _secret(session, owner: str) -> bool:
    return not refused(session("secretsmanager").get_secret_value, SecretId=f"{PREFIX}/{owner}/token")


def _record(session) -> bool:
    key = {"environment": {"S": "x"}}
    table = session("dynamodb")
    return not refused(table.get_item, TableName=f"{PREFIX}-region-record", Key=key)


def _data_key(tiers, session, purpose: str) -> bool:
    return not refused(session("kms").generate_data_key, KeyId=tiers.key(purpose), KeySpec="AES_256")


def _read(session, bucket: str, key: str) -> bool:
    return not refused(session("s3").get_object, Bucket=f"{BUCKETS}-{bucket}", Key=key)


def _write(session, bucket: str, key: str) -> bool:
    return not refused(session("s3").put_object, Bucket=f"{BUCKETS}-{bucket}", Key=key, Body=b"x")


def _remove(session, bucket: str, key: str) -> bool:
    return not refused(session("s3").delete_object, Bucket=f"{BUCKETS}-{bucket}", Key=key)


def _queue(tiers) -> str:
    return tiers.root("sqs").get_queue_url(QueueName=f"{PREFIX}-{REGION}-media")["QueueUrl"]


def test_the_runner(tiers):
    session = tiers.session("runner")
    assert _read(session, "artefacts", "runner.tar")
    assert _read(session, "backups", "mysql/full")
    assert _write(session, "backups", "clickhouse/part")
    assert _data_key(tiers, session, "backups")
    assert _secret(session, "runner")
    assert _secret(session, "database")
    assert _record(session)
    assert not refused(session("s3").list_objects_v2, Bucket=f"{BUCKETS}-backups", Prefix="mysql/")
    assert _remove(session, "backups", "clickhouse/part")

    assert not _read(session, "backups", "kubernetes/full")
    assert refused(session("s3").list_objects_v2, Bucket=f"{BUCKETS}-backups")
    assert not _remove(session, "backups", "mysql/full")
    assert not _write(session, "artefacts", "runner.tar")
    assert not _read(session, "media", "a")
    assert not _data_key(tiers, session, "media-envelope")
    assert not _data_key(tiers, session, "data")
    assert not _secret(session, "media")


def test_the_media_servers(tiers):
    session = tiers.session("media")
    assert _read(session, "artefacts", "runner.tar")
    assert _write(session, "media", "b")
    assert _read(session, "media", "b")
    assert _remove(session, "media", "b")
    kms, key = session("kms"), tiers.key("media-envelope")
    sealed = kms.generate_data_key(KeyId=key, KeySpec="AES_256")
    assert kms.decrypt(KeyId=key, CiphertextBlob=sealed["CiphertextBlob"])["Plaintext"] == sealed["Plaintext"]
    queue = _queue(tiers)
    assert not refused(session("sqs").send_message, QueueUrl=queue, MessageBody="m")
    assert not refused(session("sqs").receive_message, QueueUrl=queue)
    assert _secret(session, "media")
    assert _record(session)

    assert not _read(session, "backups", "mysql/full")
    assert not _read(session, "backups", "kubernetes/full")
    assert refused(session("s3").list_objects_v2, Bucket=f"{BUCKETS}-backups", Prefix="mysql/")
    assert not _data_key(tiers, session, "backups")
    assert not _data_key(tiers, session, "data")
    assert not _secret(session, "database")


@pytest.mark.parametrize(
    ("tier", "key", "may"), [("media", "keys/a", True), ("media", "other/a", False), ("runner", "keys/a", False)]
)
def test_media_servers_alone_remove_versions_and_only_of_what_keys_open(tiers, tier, key, may):
    bucket = f"{BUCKETS}-media"
    version = tiers.root("s3").put_object(Bucket=bucket, Key=key, Body=b"x")["VersionId"]
    session = tiers.session(tier)
    assert refused(session("s3").delete_object, Bucket=bucket, Key=key, VersionId=version) is not may


def test_the_api(tiers):
    session = tiers.session("api")
    assert _write(session, "media", "uploads/new")
    assert not refused(session("sqs").send_message, QueueUrl=_queue(tiers), MessageBody="m")
    assert _secret(session, "api")
    assert _record(session)

    assert not _write(session, "media", "a")
    assert not _read(session, "media", "a")
    assert refused(session("sqs").receive_message, QueueUrl=_queue(tiers))
    assert not _read(session, "backups", "mysql/full")
    assert not _data_key(tiers, session, "media-envelope")
    assert not _secret(session, "reporting")


def test_reporting(tiers):
    session = tiers.session("reporting")
    assert _secret(session, "reporting")
    assert _record(session)

    assert not _secret(session, "api")
    assert not _write(session, "media", "uploads/new")
    assert not _read(session, "backups", "mysql/full")


def test_clickhouse(tiers):
    session = tiers.session("clickhouse")
    assert _write(session, "backups", "clickhouse/part")
    assert _read(session, "backups", "clickhouse/part")
    assert _remove(session, "backups", "clickhouse/part")
    assert not refused(session("s3").list_objects_v2, Bucket=f"{BUCKETS}-backups", Prefix="clickhouse/")

    assert refused(session("s3").list_objects_v2, Bucket=f"{BUCKETS}-backups")
    assert not _read(session, "backups", "mysql/full")
    assert not _write(session, "backups", "mysql/part")
    assert not _read(session, "artefacts", "runner.tar")
    assert not _data_key(tiers, session, "backups")
    assert not _secret(session, "reporting")


def test_a_runner_fetches_backups_of_clickhouse_from_other_regions_and_nothing_else(tiers):
    """The bucket's name may be any region's; what of it may be read, the prefix decides, and nothing may be written."""
    other = f"{PREFIX}-eu-central-1-storage-backups"
    root = tiers.root("s3", "eu-central-1")
    root.create_bucket(Bucket=other, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    for key in ("clickhouse/full/.backup", "mysql/full"):
        root.put_object(Bucket=other, Key=key, Body=b"x")
    s3 = tiers.session("runner")("s3", "eu-central-1")
    try:
        assert not refused(s3.get_object, Bucket=other, Key="clickhouse/full/.backup")
        assert not refused(s3.list_objects_v2, Bucket=other, Prefix="clickhouse/")
        assert refused(s3.list_objects_v2, Bucket=other)
        assert refused(s3.get_object, Bucket=other, Key="mysql/full")
        assert refused(s3.put_object, Bucket=other, Key="clickhouse/full/.backup", Body=b"y")
        assert refused(s3.delete_object, Bucket=other, Key="clickhouse/full/.backup")
    finally:
        for key in ("clickhouse/full/.backup", "mysql/full"):
            root.delete_object(Bucket=other, Key=key)
        root.delete_bucket(Bucket=other)


def test_monitoring_and_backup(tiers):
    monitoring, backup = tiers.session("rds-monitoring"), tiers.session("backup")
    assert not refused(monitoring("logs").create_log_group, logGroupName="RDSOSMetrics")
    assert refused(monitoring("logs").create_log_group, logGroupName="other")
    assert _data_key(tiers, backup, "backups")
    assert _data_key(tiers, backup, "data")
    assert not _data_key(tiers, backup, "media-envelope")
    assert not _read(backup, "media", "a")
    tiers.root("logs").delete_log_group(logGroupName="RDSOSMetrics")


def test_a_key_is_used_only_by_whom_its_policy_names(tiers):
    """An administrator's IAM policy allows all of KMS; the key policy doesn't name the administrator."""
    kms = tiers.lab("kms")
    for purpose in ("data", "media-envelope", "backups"):
        key = tiers.key(purpose)
        assert refused(kms.generate_data_key, KeyId=key, KeySpec="AES_256")
        assert not refused(kms.describe_key, KeyId=key)


def _forbidden(tiers, session, tier: str) -> dict[str, bool]:
    """What switches off encryption, replication or logging, or widens rights: whether each is refused."""
    role, bucket = f"{PREFIX}-{REGION}-{tier}", f"{BUCKETS}-media"
    s3, kms, ec2, iam, logs = (session(name) for name in ("s3", "kms", "ec2", "iam", "logs"))
    iam = session("iam", "us-east-1")
    key, everything = tiers.key("data"), "arn:aws:iam::aws:policy/AdministratorAccess"
    open_policy = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Sid": "All", "Effect": "Allow", "Action": "*", "Resource": "*"}],
        }
    )
    plain = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
    calls = {
        "kms.disable_key": (kms.disable_key, {"KeyId": key}),
        "kms.disable_key_rotation": (kms.disable_key_rotation, {"KeyId": key}),
        "kms.schedule_key_deletion": (kms.schedule_key_deletion, {"KeyId": key}),
        "kms.put_key_policy": (kms.put_key_policy, {"KeyId": key, "PolicyName": "default", "Policy": open_policy}),
        "s3.put_bucket_encryption": (
            s3.put_bucket_encryption,
            {"Bucket": bucket, "ServerSideEncryptionConfiguration": plain},
        ),
        "s3.delete_bucket_encryption": (s3.delete_bucket_encryption, {"Bucket": bucket}),
        "s3.delete_bucket_replication": (s3.delete_bucket_replication, {"Bucket": bucket}),
        "s3.put_bucket_versioning": (
            s3.put_bucket_versioning,
            {"Bucket": bucket, "VersioningConfiguration": {"Status": "Suspended"}},
        ),
        "s3.put_bucket_logging": (s3.put_bucket_logging, {"Bucket": bucket, "BucketLoggingStatus": {}}),
        "s3.put_bucket_policy": (s3.put_bucket_policy, {"Bucket": bucket, "Policy": open_policy}),
        "s3.delete_bucket_policy": (s3.delete_bucket_policy, {"Bucket": bucket}),
        "s3.delete_public_access_block": (s3.delete_public_access_block, {"Bucket": bucket}),
        "s3.delete_object_version": (s3.delete_object, {"Bucket": bucket, "Key": "a", "VersionId": "null"}),
        "ec2.disable_ebs_encryption_by_default": (ec2.disable_ebs_encryption_by_default, {}),
        "ec2.delete_flow_logs": (ec2.delete_flow_logs, {"FlowLogIds": ["fl-00000000000000000"]}),
        "logs.delete_log_group": (logs.delete_log_group, {"logGroupName": f"{PREFIX}-{REGION}-{tier}"}),
        "iam.put_role_policy": (
            iam.put_role_policy,
            {"RoleName": role, "PolicyName": "more", "PolicyDocument": open_policy},
        ),
        "iam.attach_role_policy": (iam.attach_role_policy, {"RoleName": role, "PolicyArn": everything}),
        "iam.delete_role_permissions_boundary": (iam.delete_role_permissions_boundary, {"RoleName": role}),
        "iam.update_assume_role_policy": (
            iam.update_assume_role_policy,
            {"RoleName": role, "PolicyDocument": open_policy},
        ),
        "iam.create_policy_version": (
            iam.create_policy_version,
            {
                "PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/platform-operators/{PREFIX}-operator-roles-boundary",
                "PolicyDocument": open_policy,
                "SetAsDefault": True,
            },
        ),
        "iam.create_user": (iam.create_user, {"UserName": "mallory"}),
        "sts.assume_role": (
            session("sts").assume_role,
            {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/{PREFIX}-{REGION}-backup", "RoleSessionName": "other"},
        ),
    }
    return {name: refused(call, **arguments) for name, (call, arguments) in calls.items()}


@pytest.mark.parametrize("tier", TIERS)
def test_no_tier_switches_protection_off_or_widens_its_rights(tiers, tier):
    judged = _forbidden(tiers, tiers.session(tier), tier)
    assert [name for name, is_refused in judged.items() if not is_refused] == []


@pytest.mark.parametrize(("tier", "excepted"), [("api", []), ("media", ["s3.delete_object_version"])])
def test_the_boundary_holds_where_somebody_gives_a_role_everything(tiers, tier, excepted):
    """And the next run takes it away again."""
    iam, name = tiers.root("iam", "us-east-1"), f"{PREFIX}-{REGION}-{tier}"
    iam.attach_role_policy(RoleName=name, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    session = tiers.session(tier)
    assert _write(session, "spa", "index.html"), "the attached policy isn't in force: this test shows nothing"
    judged = _forbidden(tiers, session, tier)
    assert [call for call, is_refused in judged.items() if not is_refused] == excepted
    assert refused(session("ec2").describe_instances), "no tier uses EC2"

    assert tiers.build().changed["global"] == 1
    assert iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"] == []
