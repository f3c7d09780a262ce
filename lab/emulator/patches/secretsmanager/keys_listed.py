# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""ListSecrets names the KMS key of each secret that has one of its own.

On AWS a key's users are found by that name. The emulator names it in DescribeSecret only, so that nothing would notice a key that
is deleted under secrets.
https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_SecretListEntry.html
"""

from __future__ import annotations

import json

import ministack.services.secretsmanager as secretsmanager


def apply() -> None:
    listing = secretsmanager._list_secrets

    def list_secrets(data):
        answer = listing(data)
        if answer[0] != 200:
            return answer
        body = json.loads(answer[2])
        for entry in body["SecretList"]:
            secret = secretsmanager._secrets.get(entry["Name"]) or {}
            if key := secret.get("KmsKeyId"):
                entry["KmsKeyId"] = key
        return answer[0], answer[1], json.dumps(body).encode()

    secretsmanager._list_secrets = list_secrets
