# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Compare buckets as wanted and as they were read, and plan the changes. Pure functions, no client.

A bucket's settings are a dict by aspect, each in one form, whichever way AWS wrote it down: see ``ASPECTS``.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.policy import compare_policies
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change

ACCESS_LOG = "access log"
# In the order in which they are set: public access is blocked first, nothing is written before it is encrypted, and
# access logs come last, since their target bucket must be ready to take them.
ASPECTS = (
    "public access block",
    "object ownership",
    "policy",
    "encryption",
    "versioning",
    "tags",
    "lifecycle",
    ACCESS_LOG,
)

PUBLIC_ACCESS_BLOCKS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
_OWN_TAGS = "aws:"


@dataclasses.dataclass(frozen=True)
class Bucket:
    """A bucket as it was read. ``settings`` maps aspects to values; ``holds_objects`` is asked for only before a deletion."""

    name: str
    exists: bool
    settings: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    holds_objects: bool = False


def check(wanted: t.Sequence[dict[str, t.Any]]) -> None:
    """Raise PlatformError where the entries of O(buckets) contradict each other or S3."""
    names = [entry["name"] for entry in wanted]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise PlatformError(f"O(buckets) names a bucket twice: {', '.join(twice)}.")
    for entry in wanted:
        for rule in entry["lifecycle"] or []:
            if rule["expire_days"] is not None and rule["expire_delete_markers"]:
                raise PlatformError(
                    f"Rule {rule['id']} of bucket {entry['name']} has both expire_days and expire_delete_markers: "
                    "S3 takes one of them in a rule. Make two rules of it."
                )


def identity(wanted: dict[str, t.Any], identity_tags: t.Sequence[str]) -> dict[str, str]:
    """Return the tags by which an entry of O(buckets) is told from somebody else's bucket of its name."""
    tags = wanted.get("tags") or {}
    return {name: str(tags[name]) for name in identity_tags if name in tags}


def _foreign(bucket: Bucket, own: dict[str, str]) -> bool:
    """Tell whether a bucket is somebody else's.

    A run that is killed leaves a bucket without any tag: that one is taken, and it may be removed while nothing is in it.
    """
    tags = bucket.settings.get("tags") or {}
    if any(tags.get(name, value) != value for name, value in own.items()):
        return True
    return bucket.holds_objects and any(name not in tags for name in own)


def refuse_foreign(current: t.Sequence[Bucket], identities: t.Mapping[str, dict[str, str]]) -> None:
    """Raise PlatformError where a bucket that exists is somebody else's."""
    foreign = [each.name for each in current if each.exists and _foreign(each, identities.get(each.name, {}))]
    if foreign:
        tags = ", ".join(f"{name}={value}" for name, value in identities[foreign[0]].items())
        raise PlatformError(
            f"These buckets don't have the tags {tags}, so they are somebody else's: {', '.join(foreign)}. Nothing was changed. "
            "Choose another name, remove what is in them, or give them these tags to hand them over."
        )


def desired_settings(wanted: dict[str, t.Any]) -> dict[str, t.Any]:
    """Return the settings that one entry of O(buckets) asks for; an option without a value asks for nothing."""
    settings: dict[str, t.Any] = {}
    if wanted.get("block_public_access") is not None:
        settings["public access block"] = dict.fromkeys(PUBLIC_ACCESS_BLOCKS, wanted["block_public_access"])
    if wanted.get("object_ownership") is not None:
        settings["object ownership"] = wanted["object_ownership"]
    if wanted.get("policy") is not None:
        settings["policy"] = wanted["policy"] or None
    if wanted.get("encryption") is not None:
        encryption = wanted["encryption"]
        with_key = encryption["algorithm"] == "aws:kms"
        settings["encryption"] = {
            "algorithm": encryption["algorithm"],
            "kms_key_id": encryption.get("kms_key_id") if with_key else None,
            "bucket_key": bool(encryption.get("bucket_key")) if with_key else False,
        }
    if wanted.get("versioning") is not None:
        settings["versioning"] = "Enabled" if wanted["versioning"] else "Suspended"
    if wanted.get("tags") is not None:
        settings["tags"] = {str(key): str(value) for key, value in wanted["tags"].items()}
    if wanted.get("lifecycle") is not None:
        settings["lifecycle"] = normal_rules([_rule(rule) for rule in wanted["lifecycle"]])
    if wanted.get("access_log") is not None:
        log = wanted["access_log"]
        settings[ACCESS_LOG] = {"bucket": log["bucket"], "prefix": log.get("prefix") or ""} if log["bucket"] else None
    return settings


def _rule(rule: dict[str, t.Any]) -> dict[str, t.Any]:
    """Return a lifecycle rule in the form of the API."""
    api: dict[str, t.Any] = {
        "ID": rule["id"],
        "Status": "Enabled" if rule["enabled"] else "Disabled",
        "Filter": {"Prefix": rule["prefix"] or ""},
    }
    if rule["transitions"]:
        api["Transitions"] = [
            {"Days": transition["days"], "StorageClass": transition["storage_class"]}
            for transition in rule["transitions"]
        ]
    if rule["expire_days"] is not None:
        api["Expiration"] = {"Days": rule["expire_days"]}
    elif rule["expire_delete_markers"]:
        api["Expiration"] = {"ExpiredObjectDeleteMarker": True}
    if rule["noncurrent_expire_days"] is not None:
        api["NoncurrentVersionExpiration"] = {"NoncurrentDays": rule["noncurrent_expire_days"]}
        if rule["noncurrent_keep"]:
            api["NoncurrentVersionExpiration"]["NewerNoncurrentVersions"] = rule["noncurrent_keep"]
    if rule["abort_multipart_days"] is not None:
        api["AbortIncompleteMultipartUpload"] = {"DaysAfterInitiation": rule["abort_multipart_days"]}
    return api


def normal_rules(rules: t.Sequence[dict[str, t.Any]]) -> list[dict[str, t.Any]]:
    """Sort lifecycle rules by ID, with one spelling for "the whole bucket" and for the order of transitions."""
    normal = []
    for rule in rules:
        rule = {key: value for key, value in rule.items() if value not in (None, [], {})}
        rule["Filter"] = rule.get("Filter") or {"Prefix": rule.pop("Prefix", "")}
        if "Transitions" in rule:
            rule["Transitions"] = sorted(rule["Transitions"], key=lambda item: (item.get("Days", 0), str(item)))
        normal.append(rule)
    return sorted(normal, key=lambda rule: rule.get("ID", ""))


def same(aspect: str, current: t.Any, desired: t.Any) -> bool:
    """Tell whether a setting is as desired."""
    if aspect == "policy" and current and desired:
        return not compare_policies(current, desired)
    if aspect == "tags":
        return {key: value for key, value in (current or {}).items() if not key.startswith(_OWN_TAGS)} == desired
    return current == desired


def with_system_tags(current: dict[str, str] | None, desired: dict[str, str]) -> dict[str, str]:
    """Return the tags to put: AWS's own ones can't be set, but a put without them is refused where they exist."""
    return {key: value for key, value in (current or {}).items() if key.startswith(_OWN_TAGS)} | desired


def plan_present(current: t.Sequence[Bucket], wanted: t.Sequence[dict[str, t.Any]]) -> list[Change]:
    """Plan the changes that make the buckets as wanted. A new bucket gets every setting, whatever AWS's defaults are."""
    by_name = {bucket.name: bucket for bucket in current}
    changes: list[Change] = []
    for entry in wanted:
        bucket = by_name[entry["name"]]
        settings = desired_settings(entry)
        if not bucket.exists:
            changes.append(Change("create", "bucket", bucket.name, after={"name": bucket.name}))
        for aspect in ASPECTS:
            if aspect not in settings:
                continue
            before = bucket.settings.get(aspect)
            if bucket.exists and same(aspect, before, settings[aspect]):
                continue
            if not bucket.exists and settings[aspect] in (None, {}, []):
                continue
            changes.append(_setting(bucket.name, aspect, before, settings[aspect]))
    return changes


def _setting(bucket: str, aspect: str, before: t.Any, after: t.Any) -> Change:
    return Change(
        action="set" if after not in (None, [], {}) else "remove",
        kind=aspect,
        name=bucket,
        before=before,
        after=after,
        title=f"{aspect} of bucket {bucket}",
        data=with_system_tags(before, after) if aspect == "tags" else after,
    )


def plan_absent(current: t.Sequence[Bucket], force: bool) -> list[Change]:
    """Plan the removal of the buckets. Raise PlatformError where one holds objects and ``force`` is off."""
    full = [bucket.name for bucket in current if bucket.exists and bucket.holds_objects]
    if full and not force:
        raise PlatformError(
            f"These buckets hold objects, versions, delete markers or unfinished uploads: {', '.join(full)}. "
            "Nothing was removed. Set O(force=true) to remove the buckets with all they hold."
        )
    return [
        Change(
            action="delete",
            kind="bucket",
            name=bucket.name,
            before={"name": bucket.name, "holds_objects": bucket.holds_objects},
        )
        for bucket in current
        if bucket.exists
    ]
