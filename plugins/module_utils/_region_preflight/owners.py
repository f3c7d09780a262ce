# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Check that names are free or the platform's own, by the tags of the resources that have them."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._answers import Answer
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import error_code
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_preflight.findings import Problem

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
