# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations


def aws_behaviour(clients) -> bool:
    """A secret under a key of its own is listed with it, and one under AWS's key without."""
    secrets, key = clients("secretsmanager"), clients("kms").create_key()["KeyMetadata"]["Arn"]
    secrets.create_secret(Name="keyed", SecretString="nothing", KmsKeyId=key)
    secrets.create_secret(Name="plain", SecretString="nothing")
    found = {secret["Name"]: secret.get("KmsKeyId") for secret in secrets.list_secrets()["SecretList"]}
    return (found.get("keyed"), found.get("plain")) == (key, None)


def test_secretsmanager_keys_listed(patched_only):
    patched_only("secretsmanager.keys_listed", aws_behaviour)
