# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations


def aws_behaviour(clients) -> bool:
    """A replica scheduled for deletion stays in the topology, blocks another one, and its primary waits for it."""
    primary, replica = clients("kms"), clients("kms", "eu-central-1")
    key_id = primary.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    primary.replicate_key(KeyId=key_id, ReplicaRegion="eu-central-1")
    replica.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    try:
        primary.replicate_key(KeyId=key_id, ReplicaRegion="eu-central-1")
        blocked = False
    except primary.exceptions.AlreadyExistsException:
        blocked = True
    primary.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    waits = primary.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"] == "PendingReplicaDeletion"
    return blocked and waits and replica.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"] == "PendingDeletion"


def test_kms_replica_deletion(patched_only):
    patched_only("kms.replica_deletion", aws_behaviour)
