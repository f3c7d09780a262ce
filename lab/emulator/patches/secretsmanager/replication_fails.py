# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A secret isn't replicated under a key that the other region doesn't have: the call is taken, and the status becomes `Failed`.

AWS replicates later, says in `StatusMessage` why it failed, and has no secret in the other region. The emulator replicates under
any key.
https://docs.aws.amazon.com/secretsmanager/latest/userguide/replica-troubleshooting.html
"""

from __future__ import annotations

import json

import ministack.services.kms as kms
import ministack.services.secretsmanager as secretsmanager
from ministack.core.responses import get_account_id, json_response, request_scope

_AWS_KEY = "alias/aws/"


def _usable(key: str, region: str) -> bool:
    with request_scope(get_account_id(), region):
        found = kms._resolve_key(key)
    return bool(found) and found["KeyState"] == "Enabled"


def apply() -> None:
    replicate = secretsmanager._replicate_secret_to_regions

    def replicate_or_fail(data):
        asked = data.get("AddReplicaRegions", [])
        failing = {
            item["Region"]: item["KmsKeyId"]
            for item in asked
            if not item.get("KmsKeyId", _AWS_KEY).startswith(_AWS_KEY) and not _usable(item["KmsKeyId"], item["Region"])
        }
        if not failing:
            return replicate(data)
        answered = replicate(data | {"AddReplicaRegions": [item for item in asked if item["Region"] not in failing]})
        if answered[0] != 200:
            return answered
        _key, secret = secretsmanager._resolve(data["SecretId"])
        kept = [status for status in secret["ReplicationStatus"] if status["Region"] not in failing]
        message = "Secrets Manager can't use the KMS key: it isn't there, is not enabled, or you have no access to it."
        failed = [
            {"Region": region, "KmsKeyId": key, "Status": "Failed", "StatusMessage": message}
            for region, key in failing.items()
        ]
        secret["ReplicationStatus"] = kept + failed
        return json_response(json.loads(answered[2]) | {"ReplicationStatus": secret["ReplicationStatus"]})

    secretsmanager._replicate_secret_to_regions = replicate_or_fail
