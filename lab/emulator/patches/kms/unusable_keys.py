# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A key that waits for its replicas' deletion can't be used, and the rotation of a disabled key can't be switched.

AWS answers KMSInvalidStateException to every use of a key in PendingReplicaDeletion, and DisabledException to EnableKeyRotation and
DisableKeyRotation of a disabled one. The emulator encrypts and decrypts with the former, and switches the latter.
https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
"""

from __future__ import annotations

import ministack.services.kms as kms
from ministack.core.responses import error_response_json


def _usable_only(handler):
    def checked(data):
        key = kms._resolve_key(data.get("KeyId", ""))
        return (kms._check_key_state(key) if key else None) or handler(data)

    return checked


def apply() -> None:
    check_state = kms._check_key_state

    def check_key_state(key):
        if key["KeyState"] == "PendingReplicaDeletion":
            return error_response_json("KMSInvalidStateException", f"{key['Arn']} is pending replica deletion.", 400)
        return check_state(key)

    kms._check_key_state = check_key_state
    kms._enable_key_rotation = _usable_only(kms._enable_key_rotation)
    kms._disable_key_rotation = _usable_only(kms._disable_key_rotation)
