# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from tests.support.answers import error_code

_NAME, _THERE = "encrypted-there", "eu-central-1"


def aws_behaviour(clients) -> bool:
    """A replica gets another key in its region, which stays when the primary changes; its value isn't updated there."""
    here, there, kms = clients("secretsmanager"), clients("secretsmanager", _THERE), clients("kms", _THERE)
    first, second = (kms.create_key()["KeyMetadata"]["Arn"] for _key in range(2))
    here.create_secret(Name=_NAME, SecretString="one")
    here.replicate_secret_to_regions(SecretId=_NAME, AddReplicaRegions=[{"Region": _THERE, "KmsKeyId": first}])
    changed = error_code(there.update_secret, SecretId=_NAME, KmsKeyId=second)
    here.put_secret_value(SecretId=_NAME, SecretString="two")
    return (
        changed is None
        and there.describe_secret(SecretId=_NAME)["KmsKeyId"] == second
        and there.get_secret_value(SecretId=_NAME)["SecretString"] == "two"
        and error_code(there.update_secret, SecretId=_NAME, KmsKeyId="alias/none") == "InvalidParameterException"
        and error_code(there.update_secret, SecretId=_NAME, SecretString="three") == "InvalidRequestException"
    )


def test_secret_replica_keys(patched_only):
    patched_only("secretsmanager.replica_keys", aws_behaviour)
