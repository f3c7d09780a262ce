# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import pytest

from tests.support.replication import DESTINATION_REGION, SOURCE_REGION, make_pair


def aws_behaviour(clients) -> bool:
    """Objects under KMS are left out without the rule's consent, and replicated under the destination's key with it."""
    pair = make_pair(clients)
    pair.replicate()
    if pair.put("left-out", encrypted=True) is not None or pair.replica_is_there("left-out"):
        return False
    pair.replicate(with_keys=True)
    if pair.put("a", encrypted=True) != "COMPLETED":
        return False
    source = pair.s3.head_object(Bucket=pair.source, Key="a")
    replica = pair.replica_s3.head_object(Bucket=pair.destination, Key="a")
    return source["SSEKMSKeyId"] == pair.source_key and replica["SSEKMSKeyId"] == pair.destination_key


def test_s3_replication_keys(patched_only):
    patched_only("s3.replication_keys", aws_behaviour)


@pytest.mark.parametrize("action", ["kms:Decrypt", "kms:Encrypt"])
def test_the_role_must_be_allowed_to_use_the_keys(lab, action):
    pair = make_pair(lab, without=action)
    pair.replicate(with_keys=True)
    assert pair.put("a", encrypted=True) == "FAILED"
    assert pair.put("plain") == "COMPLETED"


@pytest.mark.parametrize(("side", "region"), [("source_key", SOURCE_REGION), ("destination_key", DESTINATION_REGION)])
def test_a_disabled_key_fails_the_replication(lab, side, region):
    pair = make_pair(lab)
    pair.replicate(with_keys=True)
    status = pair.put("before", encrypted=True)
    lab("kms", region).disable_key(KeyId=getattr(pair, side))
    assert status == "COMPLETED"
    assert pair.put("after", encrypted=True) == "FAILED"


def test_an_alias_stands_for_the_destination_key(lab):
    pair = make_pair(lab)
    alias = f"alias/{pair.source}"
    lab("kms", DESTINATION_REGION).create_alias(AliasName=alias, TargetKeyId=pair.destination_key)
    arn = pair.destination_key.rsplit(":", 1)[0]
    object.__setattr__(pair, "destination_key", f"{arn}:{alias}")
    pair.replicate(with_keys=True)
    assert pair.put("a", encrypted=True) == "COMPLETED"
    assert "key/" in pair.replica_s3.head_object(Bucket=pair.destination, Key="a")["SSEKMSKeyId"]


def test_a_pair_that_replicates_both_ways_does_not_loop(lab):
    there = make_pair(lab)
    rule = {"ID": "back", "Priority": 1, "Status": "Enabled", "Filter": {"Prefix": ""}}
    rule |= {
        "DeleteMarkerReplication": {"Status": "Enabled"},
        "Destination": {"Bucket": f"arn:aws:s3:::{there.source}"},
    }
    there.replicate()
    there.replica_s3.put_bucket_replication(
        Bucket=there.destination, ReplicationConfiguration={"Role": there.role_arn, "Rules": [rule]}
    )
    there.put("a")
    there.s3.delete_object(Bucket=there.source, Key="a")
    for client, bucket in ((there.s3, there.source), (there.replica_s3, there.destination)):
        versions = client.list_object_versions(Bucket=bucket)
        assert len(versions["Versions"]) == 1
        assert len(versions["DeleteMarkers"]) == 1
