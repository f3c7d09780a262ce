# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""AES key wrap and key check values, with the RFC's vectors and the openssl command."""

from __future__ import annotations

import os
import subprocess

import pytest
from media_server.keys.wrapping import WrongKeyError, check_value, require_check_value, unwrap, wrap

KEK = bytes.fromhex("000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F")
# RFC 3394, sections 4.3, 4.5 and 4.6: 128, 192 and 256 bits of key data under a key of 256 bits.
VECTORS = [
    ("00112233445566778899AABBCCDDEEFF", "64E8C3F9CE0F5BA263E9777905818A2A93C8191E7D6E8AE7"),
    (
        "00112233445566778899AABBCCDDEEFF0001020304050607",
        "A8F9BC1612C68B3FF6E6F4FBE30E71E4769C8B80A32CB8958CD5D17D6B254DA1",
    ),
    (
        "00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F",
        "28C9F404C4B810F4CBCCB35CFB87F8263F5786E2D80ED326CBC7F0E71A99F43BFB988B9B7A02DD21",
    ),
]


def _openssl(*arguments: str, given: bytes = b"") -> bytes:
    return subprocess.run(["openssl", *arguments], input=given, capture_output=True, check=True).stdout


@pytest.mark.parametrize(("key", "wrapped"), VECTORS)
def test_the_vectors_of_the_rfc(key, wrapped):
    assert wrap(KEK, bytes.fromhex(key)) == bytes.fromhex(wrapped)
    assert unwrap(KEK, bytes.fromhex(wrapped)) == bytes.fromhex(key)


def test_openssl_unwraps_our_keys_and_we_unwrap_its():
    kek, key = os.urandom(32), os.urandom(16)
    cipher = ["enc", "-id-aes256-wrap", "-K", kek.hex(), "-iv", "A6" * 8]
    assert _openssl(*cipher, "-d", given=wrap(kek, key)) == key
    assert unwrap(kek, _openssl(*cipher, given=key)) == key


# A fixed ID, because xdist's workers must collect the same tests.
@pytest.mark.parametrize(
    "key",
    [bytes(16), bytes(range(16)), os.urandom(16), os.urandom(32)],
    ids=["zeros", "counted", "random 16", "random 32"],
)
def test_the_check_value_is_openssls_cmac_of_zeros(key):
    cipher = f"AES-{len(key) * 8}-CBC"
    arguments = ["mac", "-cipher", cipher, "-macopt", f"hexkey:{key.hex()}", "-binary", "CMAC"]
    assert check_value(key) == _openssl(*arguments, given=bytes(16))[:5].hex()


def test_a_wrong_key_and_a_wrap_that_was_tampered_with_are_refused():
    wrapped = wrap(KEK, bytes(16))
    for kek, data in ((bytes(32), wrapped), (KEK, wrapped[:-1] + b"\0"), (KEK, b""), (KEK, wrapped[:8])):
        with pytest.raises(WrongKeyError):
            unwrap(kek, data)


def test_a_key_with_another_check_value_is_refused():
    require_check_value(bytes(16), check_value(bytes(16)))
    with pytest.raises(WrongKeyError) as told:
        require_check_value(b"k" * 16, check_value(bytes(16)))
    assert "k" * 16 not in str(told.value)
