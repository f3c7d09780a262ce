# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""ReEncrypt moves a ciphertext from one key to another, or to another encryption context, without showing what it holds.

The source may be named; else the ciphertext names it. A replica of a multi-Region key opens what its primary closed. The emulator
doesn't know the action.
https://docs.aws.amazon.com/kms/latest/APIReference/API_ReEncrypt.html
"""

from __future__ import annotations

import json

import ministack.services.kms as kms
from ministack.core.responses import error_response_json, json_response

_SOURCE = {
    "CiphertextBlob": "CiphertextBlob",
    "SourceKeyId": "KeyId",
    "SourceEncryptionContext": "EncryptionContext",
    "SourceEncryptionAlgorithm": "EncryptionAlgorithm",
}
_DESTINATION = {
    "DestinationKeyId": "KeyId",
    "DestinationEncryptionContext": "EncryptionContext",
    "DestinationEncryptionAlgorithm": "EncryptionAlgorithm",
}


def _renamed(data: dict, names: dict) -> dict:
    return {name: data[given] for given, name in names.items() if given in data}


def _re_encrypt(data):
    opened = kms._decrypt(_renamed(data, _SOURCE))
    if opened[0] != 200:
        return opened
    source = json.loads(opened[2])
    closed = kms._encrypt(_renamed(data, _DESTINATION) | {"Plaintext": source["Plaintext"]})
    if closed[0] != 200:
        return closed
    if data.get("DryRun"):
        return kms._dry_run_error("ReEncrypt")
    destination = json.loads(closed[2])
    answer = {
        "CiphertextBlob": destination["CiphertextBlob"],
        "SourceKeyId": source["KeyId"],
        "KeyId": destination["KeyId"],
        "SourceEncryptionAlgorithm": source["EncryptionAlgorithm"],
        "DestinationEncryptionAlgorithm": destination["EncryptionAlgorithm"],
    }
    key = kms._resolve_key(destination["KeyId"])
    materials = {
        "SourceKeyMaterialId": source.get("KeyMaterialId"),
        "DestinationKeyMaterialId": kms._key_material_id(key) if "_symmetric_key" in key else None,
    }
    return json_response(answer | {name: value for name, value in materials.items() if value})


def apply() -> None:
    handle = kms.handle_request

    async def handle_request(method, path, headers, body, query_params):
        if headers.get("x-amz-target") != "TrentService.ReEncrypt":
            return await handle(method, path, headers, body, query_params)
        try:
            data = json.loads(body)
        except json.JSONDecodeError:
            return error_response_json("SerializationException", "Invalid JSON", 400)
        return _re_encrypt(data)

    kms.handle_request = handle_request
