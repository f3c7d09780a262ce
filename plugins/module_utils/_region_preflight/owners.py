# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Check that names are free or the platform's own, by the tags of the resources that have them."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._answers import Answer
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import error_code
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_preflight.findings import Problem

# What may still be listed for days or weeks after its platform was destroyed.
_OUTLASTING = ("kms", "rds", "secretsmanager", "s3", "route53")
_FREE = ("NotFoundException", "NoSuchEntity")

Tags = t.Mapping[str, str]


def key_tags(kms: t.Any, alias: str) -> t.Callable[[], Tags | None]:
    """Make a question for the tags of the key that an alias refers to; None where the alias is free."""

    def ask() -> Tags | None:
        try:
            key_id = kms.describe_key(KeyId=alias)["KeyMetadata"]["KeyId"]
        except Exception as error:
            return _nothing(error)
        pages = kms.get_paginator("list_resource_tags").paginate(KeyId=key_id)
        return {tag["TagKey"]: tag["TagValue"] for page in pages for tag in page["Tags"]}

    return ask


def role_tags(iam: t.Any, name: str) -> t.Callable[[], Tags | None]:
    """Make a question for the tags of a role; None where there is none of that name."""

    def ask() -> Tags | None:
        try:
            role = iam.get_role(RoleName=name)["Role"]
        except Exception as error:
            return _nothing(error)
        return {tag["Key"]: tag["Value"] for tag in role.get("Tags", [])}

    return ask


def platforms(tagging: t.Any) -> t.Callable[[], set[tuple[str, str]]]:
    """Make a question for the platforms of this collection in a region, by name and environment.

    What AWS keeps after a destruction, keys and secrets, is no platform.
    """

    def ask() -> set[tuple[str, str]]:
        filters = [{"Key": "managed-by", "Values": ["knowledgecity.platform"]}]
        found = set()
        for page in tagging.get_paginator("get_resources").paginate(TagFilters=filters):
            for resource in page["ResourceTagMappingList"]:
                tags = {tag["Key"]: tag["Value"] for tag in resource["Tags"]}
                if (
                    resource["ResourceARN"].split(":")[2] not in _OUTLASTING
                    and {"platform", "environment"} <= tags.keys()
                ):
                    found.add((tags["platform"], tags["environment"]))
        return found

    return ask


def overlap_findings(answer: Answer, own_tags: Tags) -> t.Iterator[Problem]:
    """Find platforms whose names begin as this one's do, or the other way round: rights that end in * would hold for both.

    A platform that is there already is only warned, since it can't be renamed.
    """
    own = (own_tags.get("platform", ""), own_tags.get("environment", ""))
    if not answer.good or not all(own):
        return
    prefix = f"{'-'.join(own)}-"
    for platform, environment in sorted(answer.value - {own}):
        other = f"{platform}-{environment}-"
        if other.startswith(prefix) or prefix.startswith(other):
            yield Problem(
                "platform_environment",
                f"makes names that begin with {prefix}, and the platform {other[:-1]} has names that begin with {other}: rights to "
                f"{min(prefix, other, key=len)}* hold for both.",
                "Choose names of which none begins as the other does, such as euprod in place of prod-eu.",
                warning=own in answer.value,
            )


def _nothing(error: Exception) -> None:
    if error_code(error) not in _FREE:
        raise error


def owner_findings(kind: str, answers: t.Mapping[str, Answer], own_tags: Tags) -> t.Iterator[Problem]:
    """Find names that somebody else has. Where the question isn't answered, modules find out before they change anything."""
    for name, answer in answers.items():
        if answer.good and answer.value is not None and any(answer.value.get(k) != v for k, v in own_tags.items()):
            tags = ", ".join(f"{key}={value}" for key, value in own_tags.items())
            yield Problem(
                "platform_name",
                f"leads to the {kind} {name}, which exists and is not this platform's: it lacks the tags {tags}.",
                f"Choose another platform_name or platform_environment, remove that {kind}, or give it these tags to hand it over.",
            )
