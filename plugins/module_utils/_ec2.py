# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read and write what the resources of a VPC have in common: tags, and waiting for what was created."""

from __future__ import annotations

import math
import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
    boto3_tag_specifications,
)

Tags = dict[str, str]

WAIT_DELAY = 2


def tags_of(found: dict[str, t.Any]) -> Tags:
    """Return the tags of a described resource, without AWS's own."""
    tags = boto3_tag_list_to_ansible_dict(found.get("Tags") or [])
    return {key: value for key, value in tags.items() if not key.startswith("aws:")}


def tags_as_text(tags: dict[str, t.Any] | None) -> Tags | None:
    """Return the tags of an option as AWS keeps them; None leaves the tags alone."""
    return None if tags is None else {key: str(value) for key, value in tags.items()}


def tags_after(found: Tags, wanted: Tags | None, purge: bool) -> Tags:
    """Return the tags that a resource should have."""
    if wanted is None:
        return found
    return dict(wanted) if purge else found | wanted


def tagged(resource_type: str, tags: Tags | None) -> dict[str, t.Any]:
    """Return the argument by which a call tags what it creates."""
    return {"TagSpecifications": boto3_tag_specifications(tags, [resource_type])} if tags else {}


def write_tags(client: t.Any, resource_id: str, before: Tags, after: Tags) -> None:
    """Change the tags of a resource."""
    removed = sorted(before.keys() - after.keys())
    added = {key: value for key, value in after.items() if before.get(key) != value}
    if removed:
        client.delete_tags(Resources=[resource_id], Tags=[{"Key": key} for key in removed])
    if added:
        client.create_tags(Resources=[resource_id], Tags=ansible_dict_to_boto3_tag_list(added))


def in_vpc(vpc_id: str) -> list[dict[str, t.Any]]:
    """Return the filter for what is in a VPC."""
    return [{"Name": "vpc-id", "Values": [vpc_id]}]


def waiting(timeout: float) -> dict[str, int]:
    """Return the configuration of a waiter that waits for about ``timeout`` seconds."""
    return {"Delay": WAIT_DELAY, "MaxAttempts": 1 + math.ceil(timeout / WAIT_DELAY)}
