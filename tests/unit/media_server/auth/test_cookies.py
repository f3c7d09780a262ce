# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""CloudFront's signed cookies, verified with openssl and compared with botocore's signatures."""

from __future__ import annotations

import base64
import datetime
import json
import subprocess

import pytest
from botocore.signers import CloudFrontSigner
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from media_server.auth.cookies import CookieSigner
from media_server.errors import UnavailableError

RESOURCE = "https://cdn.example/media/acme/intro/v*"
EXPIRES = 1_800_000_000
PRIVATE = rsa.generate_private_key(65537, 2048)


def pem(key) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def decoded(text: str) -> bytes:
    """Decode as AWS documents it: + becomes -, = becomes _, / becomes ~."""
    return base64.b64decode(text.replace("-", "+").replace("_", "=").replace("~", "/"))


@pytest.fixture
def cookies():
    return CookieSigner("K123", pem(PRIVATE)).cookies(RESOURCE, EXPIRES)


def test_the_policy_is_what_aws_documents(cookies):
    statement = {"Resource": RESOURCE, "Condition": {"DateLessThan": {"AWS:EpochTime": EXPIRES}}}
    policy = decoded(cookies["CloudFront-Policy"])
    assert json.loads(policy) == {"Statement": [statement]}
    assert b" " not in policy
    assert cookies["CloudFront-Key-Pair-Id"] == "K123"
    assert set(cookies) == {"CloudFront-Policy", "CloudFront-Signature", "CloudFront-Key-Pair-Id"}


def test_openssl_verifies_the_signature(cookies, tmp_path):
    public = PRIVATE.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    (tmp_path / "public.pem").write_bytes(public)
    (tmp_path / "signature").write_bytes(decoded(cookies["CloudFront-Signature"]))
    policy = decoded(cookies["CloudFront-Policy"])
    command = ["openssl", "dgst", "-sha1", "-verify", "public.pem", "-signature", "signature"]
    assert (
        subprocess.run(command, cwd=tmp_path, input=policy, check=True, capture_output=True).stdout == b"Verified OK\n"
    )
    changed = subprocess.run(command, cwd=tmp_path, input=policy + b" ", check=False, capture_output=True)
    assert changed.returncode != 0


def test_botocore_signs_the_same(cookies):
    signer = CloudFrontSigner("K123", lambda message: PRIVATE.sign(message, padding.PKCS1v15(), hashes.SHA1()))
    policy = signer.build_policy(RESOURCE, datetime.datetime.fromtimestamp(EXPIRES, datetime.UTC))
    url = signer.generate_presigned_url("https://cdn.example/x", policy=decoded(cookies["CloudFront-Policy"]).decode())
    query = dict(part.split("=", 1) for part in url.partition("?")[2].split("&"))
    assert query["Policy"] == cookies["CloudFront-Policy"]
    assert query["Signature"] == cookies["CloudFront-Signature"]
    assert query["Key-Pair-Id"] == cookies["CloudFront-Key-Pair-Id"]
    assert json.loads(policy) == json.loads(decoded(cookies["CloudFront-Policy"]))


@pytest.mark.parametrize(
    "key", [b"", b"no key", pem(ec.generate_private_key(ec.SECP256R1()))], ids=["none", "text", "elliptic"]
)
def test_anything_but_an_rsa_key_is_refused_unquoted(key):
    with pytest.raises(UnavailableError) as refused:
        CookieSigner("K123", key)
    assert refused.value.__cause__ is None
    assert refused.value.__context__ is None or refused.value.__suppress_context__
