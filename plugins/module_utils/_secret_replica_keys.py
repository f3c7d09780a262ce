# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Compare and change the keys that replicas of secrets are encrypted with; the clients are passed in.

It is the one thing of a replica that is changed in its own region, and the primary's replication doesn't do it.
https://docs.aws.amazon.com/secretsmanager/latest/userguide/standalone-secret.html
"""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError, doing, found_or_none
from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import is_unavailable
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms.reads import read_key

Clients = t.Callable[[str, str], t.Any]  # by service and region


class ReplicaKeys:
    """The keys of the replicas of secrets, by the region of the replica."""

    def __init__(self, clients: Clients, regions: t.Iterable[str]):
        # Created here: several threads may use a client, but not create one.
        self._secrets = {region: clients("secretsmanager", region) for region in regions}
        self._kms = {region: clients("kms", region) for region in regions}
        self._arns: dict[tuple[str, str], str | None] = {}

    def other(self, name: str, keys: t.Mapping[str, str | None]) -> dict[str, str]:
        """Return the key of each replica that has another one than ``keys`` states; None states nothing."""
        found = {}
        for region, key in keys.items():
            held = self._held(name, region) if key else None
            if held and held != key and self._arn(held, region) != self._arn(key, region):
                found[region] = held
        return found

    def change(self, name: str, region: str, key: str) -> None:
        """Encrypt a replica with another key."""
        if self._arn(key, region) is None:
            raise PlatformError(
                f"There is no key {key} in {region}, with which the replica of the secret {name} would be encrypted."
            )
        with doing(f"change the key of the secret {name} in {region}"):
            self._secrets[region].update_secret(SecretId=name, KmsKeyId=key)

    def _held(self, name: str, region: str) -> str | None:
        """Return a replica's key as it is named there; None where there is no replica, or its region may be lost."""
        try:
            found = found_or_none(
                f"read the secret {name} in {region}",
                lambda: self._secrets[region].describe_secret(SecretId=name),
                "ResourceNotFoundException",
            )
        except PlatformError as failure:
            if is_unavailable(failure.__cause__):
                return None
            raise
        return (found.get("KmsKeyId") or "alias/aws/secretsmanager") if found else None

    def _arn(self, name: str, region: str) -> str | None:
        if name.startswith("arn:") and ":key/" in name:
            return name
        if (region, name) not in self._arns:
            key = found_or_none(
                f"read the key {name} in {region}", lambda: read_key(self._kms[region], name), "NotFoundException"
            )
            self._arns[region, name] = key and key.arn
        return self._arns[region, name]
