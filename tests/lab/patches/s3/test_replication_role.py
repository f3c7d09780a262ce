# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import pytest

from tests.support.replication import TRUST_S3, make_pair


def aws_behaviour(clients) -> bool:
    """A role that S3 can't assume, or that lacks a permission, makes the replication fail; a complete one doesn't."""
    complete = make_pair(clients)
    complete.replicate()
    if complete.put("a") != "COMPLETED" or not complete.replica_is_there("a"):
        return False
    stranger = TRUST_S3 | {"Principal": {"Service": "ec2.amazonaws.com"}}
    for pair in (make_pair(clients, without="s3:ReplicateObject"), make_pair(clients, trust=stranger)):
        pair.replicate()
        if pair.put("a") != "FAILED" or pair.replica_is_there("a"):
            return False
    return True


def test_s3_replication_role(patched_only):
    patched_only("s3.replication_role", aws_behaviour)


@pytest.mark.parametrize(
    "action",
    ["s3:GetReplicationConfiguration", "s3:ListBucket", "s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl"],
)
def test_each_permission_of_the_source_counts(lab, action):
    pair = make_pair(lab, without=action)
    pair.replicate()
    assert pair.put("a") == "FAILED"


def test_a_deletion_follows_only_with_its_own_permission(lab):
    for action, stays in ((None, False), ("s3:ReplicateDelete", True)):
        pair = make_pair(lab, without=action)
        pair.replicate()
        assert pair.put("a") == "COMPLETED"
        pair.s3.delete_object(Bucket=pair.source, Key="a")
        assert pair.replica_is_there("a") == stays


def test_a_policy_of_the_destination_that_refuses_the_role_counts(lab):
    pair = make_pair(lab)
    pair.replicate()
    policy = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": {"AWS": "%s"}, '
        '"Action": "s3:ReplicateObject", "Resource": "arn:aws:s3:::%s/*"}]}'
    )
    pair.replica_s3.put_bucket_policy(Bucket=pair.destination, Policy=policy % (pair.role_arn, pair.destination))
    assert pair.put("a") == "FAILED"
