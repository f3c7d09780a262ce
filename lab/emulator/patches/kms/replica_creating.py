# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A replica key is Creating for a moment before it can be used.

On AWS the state lasts a few seconds; until then cryptographic operations answer KMSInvalidStateException. The emulator's replica is
Enabled at once, so that nothing would notice a caller who doesn't wait.
https://docs.aws.amazon.com/kms/latest/APIReference/API_ReplicateKey.html
"""

from __future__ import annotations

import json
import time

import ministack.services.kms as kms
from ministack.core.responses import error_response_json, get_account_id, request_scope

SECONDS = 1.0


def apply() -> None:
    replicate, resolve, check_state = kms._replicate_key, kms._resolve_key, kms._check_key_state

    def replicate_key(data):
        answer = replicate(data)
        if answer[0] != 200:
            return answer
        body = json.loads(answer[2])
        with request_scope(get_account_id(), data["ReplicaRegion"]):
            replica = resolve(body["ReplicaKeyMetadata"]["KeyId"])
        replica |= {"KeyState": "Creating", "Enabled": False, "_created_at": time.time() + SECONDS}
        body["ReplicaKeyMetadata"] |= {"KeyState": "Creating", "Enabled": False}
        return answer[0], answer[1], json.dumps(body).encode()

    def resolve_key(name):
        key = resolve(name)
        if key and key["KeyState"] == "Creating" and time.time() >= key["_created_at"]:
            key |= {"KeyState": "Enabled", "Enabled": True}
        return key

    def check_key_state(key):
        if key["KeyState"] == "Creating":
            return error_response_json("KMSInvalidStateException", f"{key['Arn']} is creating.", 400)
        return check_state(key)

    kms._replicate_key, kms._resolve_key, kms._check_key_state = replicate_key, resolve_key, check_key_state
