# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import time

from botocore.exceptions import ClientError


def aws_behaviour(clients) -> bool:
    """A new replica is Creating and can't encrypt; it becomes usable by itself."""
    primary, replica = clients("kms"), clients("kms", "eu-central-1")
    key_id = primary.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    answered = primary.replicate_key(KeyId=key_id, ReplicaRegion="eu-central-1")["ReplicaKeyMetadata"]["KeyState"]
    try:
        replica.encrypt(KeyId=key_id, Plaintext=b"too early")
        refused = False
    except ClientError as error:
        refused = error.response["Error"]["Code"] == "KMSInvalidStateException"
    deadline = time.monotonic() + 10
    while replica.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"] != "Enabled" and time.monotonic() < deadline:
        time.sleep(0.1)
    encrypted = replica.encrypt(KeyId=key_id, Plaintext=b"later")["CiphertextBlob"]
    return answered == "Creating" and refused and primary.decrypt(CiphertextBlob=encrypted)["Plaintext"] == b"later"


def test_kms_replica_creating(patched_only):
    patched_only("kms.replica_creating", aws_behaviour)
