# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Check the settings of the role `storage`."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.knowledgecity.platform.plugins.plugin_utils.storage.settings import (
    Settings,
    bucket_name,
    is_kms,
)

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
_FORBIDDEN_STARTS = ("xn--", "sthree-", "amzn-s3-demo-")
_FORBIDDEN_ENDS = ("-s3alias", "--ol-s3", "--x-s3", "--table-s3")
_MODES = ("two_way", "one_way", "none")


def storage_problems(buckets: Settings, platform: dict[str, t.Any], keep: t.Sequence[str] = ()) -> list[str]:
    """Return what is wrong with the settings, each with the setting to fix; an empty list where nothing is."""
    names = [bucket_name(platform, region, thing) for thing in buckets for region in platform["regions"]]
    wrong = [name for name in names if not _is_bucket_name(name)]
    problems = []
    if wrong:
        problems.append(
            f"No bucket names are {', '.join(wrong)}: 3 to 63 lower-case letters, digits and hyphens. Shorten or change "
            "platform_name, platform_environment or the bucket's key in storage_buckets."
        )
    for thing, setting in buckets.items():
        if setting.get("encryption", "kms") not in ("kms", "s3"):
            problems.append(f"storage_buckets.{thing}.encryption is {setting['encryption']!r}; it can be kms or s3.")
        problems += _replication_problems(thing, setting, platform)
    problems += _log_problems(buckets, platform["log_bucket"])
    unknown = [thing for thing in keep if thing not in buckets]
    if unknown:
        problems.append(f"storage_keep names {', '.join(unknown)}, which storage_buckets does not have.")
    return problems


def _is_bucket_name(name: str) -> bool:
    return bool(_NAME.fullmatch(name) and not name.startswith(_FORBIDDEN_STARTS) and not name.endswith(_FORBIDDEN_ENDS))


def _log_problems(buckets: Settings, log_bucket: str) -> list[str]:
    if log_bucket not in buckets:
        return [f"storage_log_bucket is {log_bucket!r}, which storage_buckets does not have."]
    if is_kms(buckets[log_bucket]):
        return [
            f"storage_buckets.{log_bucket}.encryption is kms: S3 delivers access logs, and load balancers theirs, to "
            "buckets with SSE-S3 only. Set it to s3."
        ]
    return []


def _replication_problems(thing: str, setting: dict[str, t.Any], platform: dict[str, t.Any]) -> list[str]:
    where = f"storage_buckets.{thing}.replication"
    replication = setting.get("replication") or {}
    mode = replication.get("mode", "none")
    problems = []
    if mode not in _MODES:
        problems.append(f"{where}.mode is {mode!r}; it can be {', '.join(_MODES)}.")
    if mode == "one_way" and replication.get("source") not in platform["regions"]:
        problems.append(
            f"{where}.source is {replication.get('source')!r}: with mode one_way it names one of "
            f"{', '.join(platform['regions'])}."
        )
    if mode == "none":
        return problems
    reserved = setting.get("never_replicated") or []
    return problems + [
        f"{where}.prefixes holds {prefix!r}, which covers {never!r}: that prefix is copied by its own modules and stays "
        "out of replication."
        for prefix in replication.get("prefixes", [""])
        for never in reserved
        if never.startswith(prefix) or prefix.startswith(never)
    ]
