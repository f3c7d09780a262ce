# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from tests.support.answers import error_code

_NAME = "awaiting-deletion"


def aws_behaviour(clients) -> bool:
    """A secret that waits for its deletion is not made anew, but can be taken back."""
    manager = clients("secretsmanager")
    manager.create_secret(Name=_NAME, SecretString="one")
    there = error_code(manager.create_secret, Name=_NAME, SecretString="two") == "ResourceExistsException"
    manager.delete_secret(SecretId=_NAME, RecoveryWindowInDays=7)
    pending = error_code(manager.create_secret, Name=_NAME, SecretString="two") == "InvalidRequestException"
    manager.restore_secret(SecretId=_NAME)
    return there and pending and manager.get_secret_value(SecretId=_NAME)["SecretString"] == "one"


def test_secrets_awaiting_deletion(patched_only):
    patched_only("secretsmanager.secrets_awaiting_deletion", aws_behaviour)
