# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from botocore.exceptions import ClientError


def _refused(call, **arguments) -> bool:
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"] == "KMSInvalidStateException"
    return False


def aws_behaviour(clients) -> bool:
    """A key that waits for its deletion refuses changes, until that is cancelled."""
    kms = clients("kms")
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    key = {"KeyId": key_id}
    if not _refused(kms.cancel_key_deletion, **key):
        return False
    kms.schedule_key_deletion(**key)
    refused = [
        _refused(kms.enable_key, **key),
        _refused(kms.disable_key, **key),
        _refused(kms.create_alias, AliasName=f"alias/{key_id}", TargetKeyId=key_id),
        _refused(kms.tag_resource, **key, Tags=[{"TagKey": "a", "TagValue": "b"}]),
        _refused(kms.update_key_description, **key, Description="new"),
        _refused(kms.schedule_key_deletion, **key),
    ]
    kms.cancel_key_deletion(**key)
    kms.enable_key(**key)
    return all(refused) and kms.describe_key(**key)["KeyMetadata"]["KeyState"] == "Enabled"


def test_kms_key_states(patched_only):
    patched_only("kms.key_states", aws_behaviour)
