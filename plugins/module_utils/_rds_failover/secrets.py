# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Promote the replicated secrets of a region, which are read-only until then; the client is passed in. No value is read."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import doing


def replicas(client: t.Any, region: str, prefix: str) -> list[str]:
    """List the secrets below a prefix that are replicas of another region's."""
    with doing(f"list the secrets below {prefix} in {region}"):
        pages = client.get_paginator("list_secrets").paginate(
            Filters=[{"Key": "name", "Values": [prefix]}], PaginationConfig={"PageSize": 100}
        )
        found = [item for page in pages for item in page["SecretList"]]
    return sorted(
        item["Name"]
        for item in found
        if item["Name"].startswith(prefix) and item.get("PrimaryRegion", region) not in (region, None)
    )


def promote(client: t.Any, region: str, names: t.Iterable[str]) -> None:
    """Make replicas secrets of their own region."""
    for name in names:
        with doing(f"promote the secret {name} in {region}"):
            client.stop_replication_to_replica(SecretId=name)
