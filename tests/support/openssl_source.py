# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Decrypt a kept source with the openssl command only, as the runbook does, from the objects as they are stored."""

from __future__ import annotations

import base64
import json
import subprocess

TAG_BYTES = 32


def openssl(*arguments: str, data: bytes) -> bytes:
    return subprocess.run(["openssl", *arguments], input=data, capture_output=True, check=True).stdout


def decrypt_source(content: bytes, key_document: bytes, tenant_key: bytes) -> bytes:
    """Return the source. Fail if the tenant's key doesn't unwrap its key, or its HMAC is another one."""
    document = json.loads(key_document)
    assert (document["alg"], document["scheme"]) == ("A256KW", "aes-256-ctr-hmac-sha256")
    wrapped = base64.b64decode(document["wrapped_key"])
    unwrap = ("enc", "-d", "-id-aes256-wrap", "-iv", "A6" * 8)
    key = openssl(*unwrap, "-K", tenant_key.hex(), data=wrapped)
    assert len(key) == 64
    ciphertext, tag = content[:-TAG_BYTES], content[-TAG_BYTES:]
    mac = ("dgst", "-sha256", "-mac", "HMAC", "-binary", "-macopt", f"hexkey:{key[32:].hex()}")
    assert openssl(*mac, data=bytes.fromhex(document["iv"]) + ciphertext) == tag
    return openssl("enc", "-d", "-aes-256-ctr", "-K", key[:32].hex(), "-iv", document["iv"], data=ciphertext)
