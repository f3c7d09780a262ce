# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Replicate a secret to other regions, and wait until it is there; the client is passed in.

Secrets Manager takes the call at once and replicates later: only ``InSync`` says that the other region has the value.
https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ReplicationStatusType.html
"""

from __future__ import annotations

import time
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError, doing

_INTERVAL = 1.0


def statuses(described: t.Mapping[str, t.Any]) -> dict[str, dict[str, t.Any]]:
    """Return the entries of a described secret's ``ReplicationStatus`` by region."""
    return {item["Region"]: item for item in described.get("ReplicationStatus") or []}


def in_sync(described: t.Mapping[str, t.Any]) -> frozenset[str]:
    """Return the regions that have the secret's value."""
    return frozenset(region for region, item in statuses(described).items() if item.get("Status") == "InSync")


def replicate(
    client: t.Any,
    name: str,
    keys: t.Mapping[str, str | None],
    *,
    timeout: float,
    overwrite: bool = False,
    new: bool = False,
) -> None:
    """Replicate a secret to the regions of ``keys``, each under its KMS key, and wait until they have it.

    A region that failed before is asked once more. Raise PlatformError with AWS's reason where it fails again. ``new`` saves
    reading a secret that was created just now.
    """
    asked: set[str] = set()
    deadline = time.monotonic() + timeout
    found = {} if new else _described(client, name)
    while True:
        status = {region: found.get(region, {}).get("Status") for region in sorted(keys)}
        failed = [found[region] for region in asked if status[region] == "Failed"]
        if failed:
            raise PlatformError(" ".join(_failure(name, item) for item in failed))
        missing = [region for region, held in status.items() if region not in asked and held in (None, "Failed")]
        for region in missing:
            added = {"Region": region} | ({"KmsKeyId": keys[region]} if keys[region] else {})
            with doing(f"replicate the secret {name} to {region}"):
                answer = client.replicate_secret_to_regions(
                    SecretId=name, AddReplicaRegions=[added], ForceOverwriteReplicaSecret=overwrite
                )
            found = statuses(answer)
            asked.add(region)
        if missing:
            continue
        waiting = [f"{region} ({held})" for region, held in status.items() if held != "InSync"]
        if not waiting:
            return
        if time.monotonic() >= deadline:
            raise PlatformError(
                f"Waited {timeout:.0f} s for the replication of the secret {name} to {', '.join(waiting)}. Fix: run again, "
                "or raise O(wait_timeout)."
            )
        time.sleep(_INTERVAL)
        found = _described(client, name)


def _described(client: t.Any, name: str) -> dict[str, dict[str, t.Any]]:
    with doing(f"read the replication of the secret {name}"):
        return statuses(client.describe_secret(SecretId=name))


def _failure(name: str, status: t.Mapping[str, t.Any]) -> str:
    return (
        f"The secret {name} was not replicated to {status['Region']}: {status.get('StatusMessage') or 'no reason given'}. "
        "Fix: that region's key must be there, and whoever runs this needs kms:Encrypt and kms:GenerateDataKey on it, and "
        "kms:Decrypt on the secret's own key; then run again."
    )
