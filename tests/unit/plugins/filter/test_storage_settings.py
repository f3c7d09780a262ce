# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import json

import pytest
from ansible_collections.knowledgecity.platform.plugins.filter.storage_settings import (
    storage_buckets,
    storage_problems,
    storage_replication_policy,
    storage_replications,
)

PLATFORM = {
    "prefix": "kc-lab",
    "account_id": "111122223333",
    "regions": ["me-west-1", "eu-central-1"],
    "log_bucket": "logs",
    "noncurrent_days": 30,
    "abort_uploads_days": 7,
}
KEY = "arn:aws:kms:eu-central-1:111122223333:key/k"
BUCKETS = {
    "media": {"replication": {"mode": "two_way", "time_control": True}, "intelligent_tiering_days": 0},
    "backups": {
        "replication": {"mode": "two_way", "prefixes": []},
        "never_replicated": ["mysql/", "clickhouse/"],
        "noncurrent_days": 35,
    },
    "logs": {"encryption": "s3", "expire_days": 90, "noncurrent_days": 7},
}


def _entries(buckets=BUCKETS):
    made = storage_buckets(buckets, PLATFORM, "eu-central-1", KEY, {"tier": "storage"})
    return dict(zip(buckets, made, strict=True))


def _statements(entry):
    return {statement["Sid"]: statement for statement in entry["policy"]["Statement"]}


def test_every_bucket_is_closed_versioned_and_refuses_plaintext():
    for thing, entry in _entries().items():
        assert entry["name"] == f"kc-lab-eu-central-1-storage-{thing}"
        assert entry["versioning"] is True
        assert entry["block_public_access"] is True
        assert entry["tags"] == {"tier": "storage", "Name": entry["name"]}
        plaintext = _statements(entry)["DenyPlaintext"]
        assert plaintext["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        assert plaintext["Resource"] == [f"arn:aws:s3:::{entry['name']}", f"arn:aws:s3:::{entry['name']}/*"]


def test_denials_of_other_keys_leave_puts_alone_that_name_none():
    for sid, statement in _statements(_entries()["media"]).items():
        if sid != "DenyPlaintext":
            assert statement["Action"] == "s3:PutObject"  # replicas come by s3:ReplicateObject
            headers = {header for test in statement["Condition"].values() for header in test}
            present = [header for header, value in statement["Condition"]["Null"].items() if value == "false"]
            equal = list(statement["Condition"].get("StringEquals", {}))
            assert present + equal, f"{sid} would refuse a put without any header of {headers}"


def test_the_log_bucket_has_sse_s3_and_takes_logs_of_these_buckets_only():
    entries = _entries()
    assert entries["logs"]["encryption"] == {"algorithm": "AES256"}
    assert entries["logs"]["access_log"] == {"bucket": "", "prefix": ""}
    assert entries["media"]["access_log"] == {"bucket": "kc-lab-eu-central-1-storage-logs", "prefix": "s3/media/"}
    allowed = _statements(entries["logs"])["AllowAccessLogs"]
    assert allowed["Principal"] == {"Service": "logging.s3.amazonaws.com"}
    assert allowed["Condition"]["StringEquals"] == {"aws:SourceAccount": "111122223333"}
    assert allowed["Condition"]["ArnLike"]["aws:SourceArn"] == [
        "arn:aws:s3:::kc-lab-eu-central-1-storage-media",
        "arn:aws:s3:::kc-lab-eu-central-1-storage-backups",
    ]
    assert "arn:aws:s3:::kc-lab-eu-central-1-storage-logs/s3/logs/*" not in allowed["Resource"]


def test_load_balancers_of_this_account_alone_log_there():
    allowed = _statements(_entries()["logs"])["AllowLogsOfLoadBalancers"]
    assert allowed["Resource"] == "arn:aws:s3:::kc-lab-eu-central-1-storage-logs/balancers/*/AWSLogs/111122223333/*"
    assert allowed["Principal"] == {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"}
    assert "AllowLogsOfLoadBalancers" not in _statements(_entries()["media"])


def test_lifecycle():
    entries = _entries()
    rules = {rule["id"]: rule for rule in entries["media"]["lifecycle"]}
    assert rules["noncurrent-versions"]["noncurrent_expire_days"] == 30
    assert rules["noncurrent-versions"]["expire_delete_markers"] is True
    assert rules["unfinished-uploads"] == {"id": "unfinished-uploads", "abort_multipart_days": 7}
    assert rules["tiering"]["transitions"] == [{"days": 0, "storage_class": "INTELLIGENT_TIERING"}]
    rules = {
        rule["id"]: rule for rule in _entries({"media": {"expire_prefixes": {"tokens/used/": 1}}})["media"]["lifecycle"]
    }
    assert rules["expiry-of-tokens-used"] == {"id": "expiry-of-tokens-used", "prefix": "tokens/used/", "expire_days": 1}
    rules = {rule["id"]: rule for rule in entries["logs"]["lifecycle"]}
    assert rules["expiry"]["expire_days"] == 90
    assert rules["noncurrent-versions"]["expire_delete_markers"] is False  # the expiry removes them by itself


def test_statements_of_other_tiers_come_on_top():
    extra = {"Sid": "Cdn", "Effect": "Allow"}
    entry = _entries({"spa": {"statements": [extra]}, "logs": {"encryption": "s3"}})["spa"]
    assert entry["policy"]["Statement"][-1] == extra


def test_replications_of_a_region():
    assert storage_replications(BUCKETS, PLATFORM, "me-west-1") == [
        {
            "bucket": "kc-lab-me-west-1-storage-media",
            "destination_bucket": "kc-lab-eu-central-1-storage-media",
            "destination_region": "eu-central-1",
            "destination_kms_key": "arn:aws:kms:eu-central-1:111122223333:alias/kc-lab-eu-central-1-storage",
            "prefixes": [""],
            "replication_time_control": True,
            "metrics": True,
            "delete_markers": True,
            "replica_modifications": True,
        }
    ]


def test_what_is_not_wanted_is_named_so_that_it_can_be_ended():
    unwanted = storage_replications(BUCKETS, PLATFORM, "me-west-1", wanted=False)
    assert [entry["bucket"] for entry in unwanted] == [
        "kc-lab-me-west-1-storage-backups",
        "kc-lab-me-west-1-storage-logs",
    ]


def test_one_way_goes_one_way():
    buckets = {"media": {"replication": {"mode": "one_way", "source": "me-west-1"}}}
    (entry,) = storage_replications(buckets, PLATFORM, "me-west-1")
    assert entry["replica_modifications"] is False
    assert storage_replications(buckets, PLATFORM, "eu-central-1") == []
    assert len(storage_replications(buckets, PLATFORM, "eu-central-1", wanted=False)) == 1
    policy = json.dumps(storage_replication_policy(buckets, PLATFORM))
    assert "arn:aws:s3:::kc-lab-me-west-1-storage-media/*" in policy
    (write,) = [s for s in json.loads(policy)["Statement"] if s["Sid"] == "WriteReplicas"]
    assert write["Resource"] == ["arn:aws:s3:::kc-lab-eu-central-1-storage-media/*"]
    sids = [s["Sid"] for s in json.loads(policy)["Statement"] if s["Sid"].startswith(("Decrypt", "Encrypt"))]
    assert sids == ["DecryptInMeWest1", "EncryptInEuCentral1"]


def test_the_replication_role_may_nothing_beyond_the_settings():
    policy = storage_replication_policy(BUCKETS, PLATFORM)
    text = json.dumps(policy)
    assert "backups" not in text
    assert "logs" not in text
    for statement in policy["Statement"]:
        assert statement["Effect"] == "Allow"
        assert "*" not in statement["Action"]
        if any(action.startswith("kms:") for action in statement["Action"]):
            region = statement["Resource"].split(":")[3]
            assert statement["Condition"]["StringEquals"] == {"kms:ViaService": f"s3.{region}.amazonaws.com"}
            aliases = statement["Condition"]["ForAnyValue:StringEquals"]
            assert aliases == {"kms:ResourceAliases": f"alias/kc-lab-{region}-storage"}
            assert set(statement["Condition"]["StringLike"]["kms:EncryptionContext:aws:s3:arn"]) == {
                f"arn:aws:s3:::kc-lab-{region}-storage-media",
                f"arn:aws:s3:::kc-lab-{region}-storage-media/*",
            }


def test_prefixes_bound_the_role_too():
    buckets = {"backups": {"replication": {"mode": "two_way", "prefixes": ["kubernetes/"]}}}
    statements = {s["Sid"]: s for s in storage_replication_policy(buckets, PLATFORM)["Statement"]}
    assert statements["ReadSources"]["Resource"] == [
        "arn:aws:s3:::kc-lab-me-west-1-storage-backups/kubernetes/*",
        "arn:aws:s3:::kc-lab-eu-central-1-storage-backups/kubernetes/*",
    ]


def test_no_replication_needs_no_policy():
    assert storage_replication_policy({"logs": {}}, PLATFORM) == {}


def test_good_settings_have_no_problem():
    assert storage_problems(BUCKETS, PLATFORM, ["media"]) == []


@pytest.mark.parametrize(
    ("change", "platform", "keep", "named"),
    [
        ({}, {"prefix": "kc-" + "x" * 40}, [], "63 lower-case"),
        ({}, {"prefix": "KC-lab"}, [], "platform_name"),
        ({"media": {"encryption": "kms:dsse"}}, {}, [], "storage_buckets.media.encryption"),
        ({"media": {"replication": {"mode": "both"}}}, {}, [], "storage_buckets.media.replication.mode"),
        ({"media": {"replication": {"mode": "one_way"}}}, {}, [], "storage_buckets.media.replication.source"),
        ({"logs": {}}, {}, [], "storage_buckets.logs.encryption"),
        ({}, {"log_bucket": "nowhere"}, [], "storage_log_bucket"),
        ({}, {}, ["medai"], "storage_keep"),
    ],
)
def test_each_problem_names_its_setting(change, platform, keep, named):
    problems = storage_problems(BUCKETS | change, PLATFORM | platform, keep)
    assert any(named in problem for problem in problems)


@pytest.mark.parametrize("prefix", ["", "my", "mysql/", "mysql/daily/"])
def test_database_backups_stay_out_of_replication(prefix):
    backups = BUCKETS["backups"] | {"replication": {"mode": "two_way", "prefixes": [prefix]}}
    (problem,) = [p for p in storage_problems(BUCKETS | {"backups": backups}, PLATFORM) if "'mysql/'" in p]
    assert "storage_buckets.backups.replication.prefixes" in problem


def test_a_bucket_without_versions_is_not_asked_for_them():
    entries = _entries({"transfer": {"versioning": False, "noncurrent_days": 0, "expire_days": 1}, **BUCKETS})
    assert "versioning" not in entries["transfer"]
    assert [rule["id"] for rule in entries["transfer"]["lifecycle"]] == ["unfinished-uploads", "expiry"]
    assert entries["media"]["versioning"] is True
