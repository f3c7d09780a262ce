# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A replica of a secret can get another key, in its own region; nothing else of it can be updated there.

The emulator refuses every update of a replica.
https://docs.aws.amazon.com/secretsmanager/latest/userguide/standalone-secret.html
"""

from __future__ import annotations

import ministack.services.kms as kms
import ministack.services.secretsmanager as secretsmanager
from ministack.core.responses import error_response_json, json_response


def apply() -> None:
    update = secretsmanager._update_secret

    def update_key(data):
        _key, secret = secretsmanager._resolve(data.get("SecretId"))
        if (
            not secret
            or not secretsmanager._is_replica(secret)
            or set(data) - {"ClientRequestToken"} != {"SecretId", "KmsKeyId"}
        ):
            return update(data)
        found = kms._resolve_key(data["KmsKeyId"])
        if not found or found["KeyState"] != "Enabled":
            message = "Unable to access KMS key. The key may be disabled, scheduled for deletion, or not accessible."
            return error_response_json("InvalidParameterException", message, 400)
        secret["KmsKeyId"] = data["KmsKeyId"]
        return json_response({"ARN": secret["ARN"], "Name": secret["Name"]})

    secretsmanager._update_secret = update_key
