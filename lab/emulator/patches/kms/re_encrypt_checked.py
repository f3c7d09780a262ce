# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""ReEncrypt needs kms:ReEncryptFrom on the key it opens with and kms:ReEncryptTo on the one it closes with.

There is no right kms:ReEncrypt on AWS. The emulator asks for that one, on the source alone.
https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import ministack.services.kms as kms

from lab.emulator.patches._access_checks import Check, Request, replace
from lab.emulator.patches.kms._ciphertexts import blob, context_keys, key_id_of


def _arn(request: Request, name: str) -> str:
    """Return the key's ARN for any name of it: a right to an alias is none to its key."""
    key = kms._resolve_key(name)
    if key:
        return key["Arn"]
    return name if name.startswith("arn:") else request.arn("kms", f"key/{name}")


def _checks(request: Request) -> Iterator[Check]:
    data = json.loads(request.body)
    source, destination = data.get("SourceKeyId"), data.get("DestinationKeyId", "")
    opened = _arn(request, source or key_id_of(blob(data.get("CiphertextBlob", ""))))
    closed = _arn(request, destination)
    same = {"kms:ReEncryptOnSameKey": "true" if opened == closed else "false"}
    from_context = context_keys(data.get("SourceEncryptionContext") or {})
    to_context = context_keys(data.get("DestinationEncryptionContext") or {})
    yield Check(opened, same | from_context, "kms:ReEncryptFrom")
    yield Check(closed, same | to_context, "kms:ReEncryptTo")


def apply() -> None:
    replace("kms", _checks, frozenset({"ReEncrypt"}))
