# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A KMS key that waits for its deletion can't be changed until the deletion is cancelled.

AWS answers KMSInvalidStateException to EnableKey, DisableKey, CreateAlias, TagResource, UpdateKeyDescription and another
ScheduleKeyDeletion, and to CancelKeyDeletion of a key that doesn't wait for its deletion. The emulator accepts all of them.
https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
"""

from __future__ import annotations

import ministack.services.kms as kms
from ministack.core.responses import error_response_json

_PENDING = {"PendingDeletion", "PendingReplicaDeletion"}
_REFUSED = (
    "_enable_key",
    "_disable_key",
    "_create_alias",
    "_tag_resource",
    "_update_key_description",
    "_schedule_key_deletion",
)


def _only(is_allowed, handler, complaint: str):
    def checked(data):
        key = kms._resolve_key(data.get("KeyId") or data.get("TargetKeyId") or "")
        if key and not is_allowed(key["KeyState"]):
            return error_response_json("KMSInvalidStateException", f"{key['Arn']} {complaint}", 400)
        return handler(data)

    return checked


def apply() -> None:
    for name in _REFUSED:
        setattr(kms, name, _only(lambda state: state not in _PENDING, getattr(kms, name), "is pending deletion."))
    kms._cancel_key_deletion = _only(
        lambda state: state in _PENDING, kms._cancel_key_deletion, "is not pending deletion."
    )
