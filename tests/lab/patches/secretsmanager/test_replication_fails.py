# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from tests.support.answers import error_code

_NAME, _THERE = "replicated-in-vain", "eu-central-1"


def aws_behaviour(clients) -> bool:
    """Replication under a key that isn't there fails later, says why, and succeeds once it is asked with one that is."""
    here, there = clients("secretsmanager"), clients("secretsmanager", _THERE)
    here.create_secret(Name=_NAME, SecretString="one")

    def replicated(key: str) -> tuple[str, bool]:
        here.replicate_secret_to_regions(SecretId=_NAME, AddReplicaRegions=[{"Region": _THERE, "KmsKeyId": key}])
        (status,) = here.describe_secret(SecretId=_NAME)["ReplicationStatus"]
        return status["Status"], error_code(there.describe_secret, SecretId=_NAME) == "ResourceNotFoundException"

    if replicated("alias/no-such-key") != ("Failed", True):
        return False
    key = clients("kms", _THERE).create_key()["KeyMetadata"]["Arn"]
    return replicated(key) == ("InSync", False)


def test_secret_replication_fails(patched_only):
    patched_only("secretsmanager.replication_fails", aws_behaviour)
