# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import time

from botocore.exceptions import ClientError


def _rotates(kms, key_id: str) -> bool:
    return kms.get_key_rotation_status(KeyId=key_id)["KeyRotationEnabled"]


def aws_behaviour(clients) -> bool:
    """A replica shows its primary's rotation, and it can be set on the primary only."""
    primary, replica = clients("kms"), clients("kms", "eu-central-1")
    key_id = primary.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    primary.replicate_key(KeyId=key_id, ReplicaRegion="eu-central-1")
    deadline = time.monotonic() + 10
    while replica.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"] != "Enabled" and time.monotonic() < deadline:
        time.sleep(0.2)
    before = _rotates(replica, key_id)
    primary.enable_key_rotation(KeyId=key_id)
    shown = _rotates(replica, key_id)
    try:
        replica.disable_key_rotation(KeyId=key_id)
        return False
    except ClientError as error:
        refused = error.response["Error"]["Code"]
    return (before, shown, refused) == (False, True, "UnsupportedOperationException")


def test_kms_replica_rotation(patched_only):
    patched_only("kms.replica_rotation", aws_behaviour)
