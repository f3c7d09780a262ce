# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Rotation is a property that all keys of a multi-Region key share: it is set on the primary, and a replica shows it.

The emulator's replicas have a setting of their own, which stays off.
https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html#mrk-sync-properties
"""

from __future__ import annotations

import ministack.services.kms as kms
from ministack.core.responses import error_response_json, get_account_id, request_scope


def apply() -> None:
    read = kms._get_key_rotation_status

    def read_of_primary(data):
        key = kms._resolve_key(data.get("KeyId", ""))
        if not key or key.get("_mrk_type") != "REPLICA":
            return read(data)
        with request_scope(get_account_id(), key["_mrk_primary_region"]):
            return read({"KeyId": key["KeyId"]})

    def on_primary_only(handler):
        def checked(data):
            key = kms._resolve_key(data.get("KeyId", ""))
            if key and key.get("_mrk_type") == "REPLICA":
                message = f"{key['Arn']} is a replica key: its rotation is set on the primary key."
                return error_response_json("UnsupportedOperationException", message, 400)
            return handler(data)

        return checked

    kms._get_key_rotation_status = read_of_primary
    kms._enable_key_rotation = on_primary_only(kms._enable_key_rotation)
    kms._disable_key_rotation = on_primary_only(kms._disable_key_rotation)
