# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Name buckets and keys, and read the settings of one bucket of the role `storage`.

`platform` is a dict: `prefix` (<platform>-<environment>), `account_id`, `regions`, `log_bucket` (the key of the bucket that
takes the access logs), `noncurrent_days` (for buckets that don't say) and `abort_uploads_days`.
"""

from __future__ import annotations

import typing as t

Settings = dict[str, dict[str, t.Any]]


def bucket_name(platform: dict[str, t.Any], region: str, thing: str) -> str:
    """Return the name of a region's bucket."""
    return f"{platform['prefix']}-{region}-storage-{thing}"


def key_alias(platform: dict[str, t.Any], region: str) -> str:
    return f"alias/{platform['prefix']}-{region}-storage"


def is_kms(setting: dict[str, t.Any]) -> bool:
    return setting.get("encryption", "kms") == "kms"


def replication_of(setting: dict[str, t.Any]) -> dict[str, t.Any]:
    """Return a bucket's replication setting; `mode` is none where no prefix is to be replicated."""
    replication = dict(setting.get("replication") or {})
    if not replication.get("prefixes", [""]):
        replication["mode"] = "none"
    replication.setdefault("mode", "none")
    replication.setdefault("prefixes", [""])
    return replication


def destinations_of(setting: dict[str, t.Any], platform: dict[str, t.Any], region: str) -> list[str]:
    """Return the regions that a region's bucket replicates to."""
    replication = replication_of(setting)
    if replication["mode"] == "none" or (replication["mode"] == "one_way" and replication.get("source") != region):
        return []
    return [other for other in platform["regions"] if other != region]
