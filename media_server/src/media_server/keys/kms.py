# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Calls to KMS: counted, rate-limited, retried when throttled, and bound to an encryption context.

https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html
"""

from __future__ import annotations

import contextlib
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from media_server.errors import BadInputError, ConflictError
from media_server.keys.rate import TokenBucket
from media_server.keys.wrapping import WrongKeyError
from media_server.store.retries import Retries, error_code

TENANT_KEY_BYTES = 32
_ARN = re.compile(r"arn:([a-z-]+):kms:([a-z0-9-]+):([0-9]{12}):key/([A-Za-z0-9-]+)")
_WRONG = {"IncorrectKeyException", "InvalidCiphertextException"}
_DEAD = {"DisabledException", "KMSInvalidStateException", "NotFoundException"}


@dataclass(frozen=True)
class WrappedKey:
    """A key wrapped by the KMS key `kms_key_arn`; `plaintext` is set only for a key that was just generated."""

    wrapped: bytes = field(repr=False)
    kms_key_arn: str
    plaintext: bytes | None = field(default=None, repr=False)


def context_of(tenant: str) -> dict[str, str]:
    """Return the encryption context of a tenant's key. KMS decrypts it only with the same context, and logs it in CloudTrail."""
    return {"tenant": tenant, "purpose": "media"}


def arn_in_region(arn: str, region: str) -> str:
    """Return the ARN of a key in `region`. Raise ConflictError for a single-Region key of another region."""
    found = _ARN.fullmatch(arn)
    if found is None:
        raise BadInputError("bad-key", f"{arn!r} is not the ARN of a KMS key.")
    partition, there, account, identity = found.groups()
    if there == region:
        return arn
    if not identity.startswith("mrk-"):
        message = f"KMS key {identity} is a single-Region key of {there}. Fix: use a multi-Region key with a replica in {region}."
        raise ConflictError("single-region-key", message)
    return f"arn:{partition}:kms:{region}:{account}:key/{identity}"


def same_key(arn: str, other: str) -> bool:
    """Return whether two ARNs name the same key; replicas of a multi-Region key are the same key."""
    first, second = _ARN.fullmatch(arn), _ARN.fullmatch(other)
    if arn == other or first is None or second is None:
        return arn == other
    return first[4].startswith("mrk-") and first.group(1, 3, 4) == second.group(1, 3, 4)


class KmsKeys:
    """KMS in one region. `calls` counts the requests by operation, including throttled ones."""

    def __init__(
        self, client: Any, region: str, *, requests_per_s: float = 50.0, retries: Retries | None = None
    ) -> None:
        self.region = region
        self.calls: Counter[str] = Counter()
        self._client = client
        self._own_bucket = TokenBucket(requests_per_s)
        self._limits: list[TokenBucket] = []
        self._retries = retries or Retries()
        self._lock = threading.Lock()

    @property
    def count(self) -> int:
        """Return the number of requests so far."""
        return sum(self.calls.values())

    @contextlib.contextmanager
    def limited(self, requests_per_s: float) -> Iterator[None]:
        """Limit the request rate further while the block runs. Nested and parallel limits all apply."""
        bucket = TokenBucket(requests_per_s, burst=1)
        with self._lock:
            self._limits.append(bucket)
        try:
            yield
        finally:
            with self._lock:
                self._limits.remove(bucket)

    def _call(self, operation: str, what: str, **arguments: Any) -> Any:
        call: Callable[..., Any] = getattr(self._client, operation)

        def attempt() -> Any:
            with self._lock:
                self.calls[operation] += 1
                buckets = [self._own_bucket, *self._limits]
            for bucket in buckets:
                bucket.take()
            return call(**arguments)

        try:
            return self._retries(what, attempt)
        except ClientError as error:
            if error_code(error) in _WRONG:
                message = f"Could not {what}: the ciphertext belongs to another KMS key or another tenant."
                raise WrongKeyError("wrong-key", message) from error
            if error_code(error) in _DEAD:
                raise ConflictError("kms-key-unusable", f"Could not {what}: {error_code(error)}.") from error
            raise

    def resolve(self, key: str) -> str:
        """Return the ARN, in this region, of an enabled key given by ID, ARN or alias. Raise ConflictError or BadInputError."""
        found = self._call("describe_key", f"find KMS key {key} in {self.region}", KeyId=key)["KeyMetadata"]
        if not found.get("Enabled", found.get("KeyState") == "Enabled"):
            raise ConflictError("kms-key-unusable", f"KMS key {key} is {found.get('KeyState')} in {self.region}.")
        return arn_in_region(found["Arn"], self.region)

    def generate(self, key: str, tenant: str) -> WrappedKey:
        """Generate a tenant key of 256 bits, wrapped by `key` (ARN or alias)."""
        what = f"generate a key for tenant {tenant} in {self.region}"
        answer = self._call(
            "generate_data_key", what, KeyId=key, NumberOfBytes=TENANT_KEY_BYTES, EncryptionContext=context_of(tenant)
        )
        return WrappedKey(answer["CiphertextBlob"], answer["KeyId"], answer["Plaintext"])

    def decrypt(self, wrapped: WrappedKey, tenant: str) -> bytes:
        """Decrypt a tenant's key with the KMS key that wrapped it, or its replica here. Raise WrongKeyError or ConflictError."""
        answer = self._call(
            "decrypt",
            f"decrypt the key of tenant {tenant} in {self.region}",
            CiphertextBlob=wrapped.wrapped,
            KeyId=arn_in_region(wrapped.kms_key_arn, self.region),
            EncryptionContext=context_of(tenant),
        )
        return answer["Plaintext"]

    def re_encrypt(self, wrapped: WrappedKey, target: str, tenant: str) -> WrappedKey:
        """Wrap the same tenant key with the KMS key `target`. The plaintext never leaves KMS."""
        context = context_of(tenant)
        answer = self._call(
            "re_encrypt",
            f"re-encrypt the key of tenant {tenant} in {self.region}",
            CiphertextBlob=wrapped.wrapped,
            SourceKeyId=arn_in_region(wrapped.kms_key_arn, self.region),
            SourceEncryptionContext=context,
            DestinationKeyId=arn_in_region(target, self.region),
            DestinationEncryptionContext=context,
        )
        return WrappedKey(answer["CiphertextBlob"], answer["KeyId"])
