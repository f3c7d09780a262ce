# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Compare the regions that secrets are replicated to, and the keys there, with those wanted. Pure functions, no client."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import Finding
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change


@dataclasses.dataclass(frozen=True)
class Secret:
    """A secret of this region, and the other regions that have its value. ``other_keys`` are keys that aren't those wanted."""

    name: str
    regions: frozenset[str]
    other_keys: dict[str, str] = dataclasses.field(default_factory=dict)


def check(prefix: str, replicas: dict[str, str | None], region: str) -> list[Finding]:
    """Check the options by themselves."""
    texts = []
    if not prefix:
        texts.append("O(name_prefix) is empty: it would mean every secret of the region.")
    if region in replicas:
        texts.append(f"O(replicas) names {region}, which the secrets are in.")
    return [Finding("wrong", "secrets", text) for text in texts]


def plan(secrets: t.Sequence[Secret], replicas: dict[str, str | None]) -> list[Change]:
    """Plan a change for each secret that a region lacks, or has under another key. Replicas elsewhere are left alone."""
    return [change for secret in secrets for change in _changes(secret, replicas)]


def _changes(secret: Secret, replicas: dict[str, str | None]) -> list[Change]:
    missing = [
        Change(
            "replicate",
            "secret",
            secret.name,
            after={"kms_key": key},
            region=region,
            title=f"secret {secret.name} to {region}",
        )
        for region, key in sorted(replicas.items())
        if region not in secret.regions
    ]
    return missing + [
        Change(
            "update",
            "secret replica key",
            secret.name,
            before={"kms_key": held},
            after={"kms_key": replicas[region]},
            region=region,
            title=f"key of secret {secret.name} in {region}",
        )
        for region, held in sorted(secret.other_keys.items())
        if region in secret.regions
    ]
