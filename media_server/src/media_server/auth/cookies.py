# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""CloudFront signed cookies with a custom policy, which give a browser access to the segments of one asset.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-setting-signed-cookie-custom-policy.html
"""

from __future__ import annotations

import base64
import json

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from media_server.errors import UnavailableError

POLICY = "CloudFront-Policy"
SIGNATURE = "CloudFront-Signature"
KEY_PAIR = "CloudFront-Key-Pair-Id"

# CloudFront's base64 alphabet, which is safe in a cookie.
_ALPHABET = bytes.maketrans(b"+=/", b"-_~")


class CookieSigner:
    """Signs cookies with the private key (PEM) whose public key `key_pair_id` is in a trusted key group of the distribution."""

    def __init__(self, key_pair_id: str, private_key: bytes) -> None:
        self.key_pair_id = key_pair_id
        key = None
        try:
            key = serialization.load_pem_private_key(private_key, password=None)
        except (ValueError, TypeError):
            # Without the cause, which may quote the secret.
            key = None
        if not isinstance(key, RSAPrivateKey):
            raise UnavailableError(
                "cookie-key-unreadable", "The secret contains no RSA private key for signing cookies."
            )
        self._key = key

    def cookies(self, resource: str, expires_at: int) -> dict[str, str]:
        """Return the cookies for `resource` (a URL, `*` is allowed) that are valid until `expires_at`, in seconds since 1970."""
        statement = {"Resource": resource, "Condition": {"DateLessThan": {"AWS:EpochTime": expires_at}}}
        policy = json.dumps({"Statement": [statement]}, separators=(",", ":")).encode()
        # CloudFront supports SHA-1 only.
        signature = self._key.sign(policy, padding.PKCS1v15(), hashes.SHA1())
        return {POLICY: _encoded(policy), SIGNATURE: _encoded(signature), KEY_PAIR: self.key_pair_id}


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).translate(_ALPHABET).decode()
