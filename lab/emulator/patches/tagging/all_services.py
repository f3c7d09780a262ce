# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A policy's aws:ResourceTag condition reads the tags of every service's resources.

On AWS most services support the condition key; the emulator reads the tags of nine, so that a statement which allows what
has a tag never allows anything of EC2, ACM or Auto Scaling.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-resourcetag
"""

from __future__ import annotations

import ministack.services.ec2 as ec2
import ministack.services.tagging as tagging


def apply() -> None:
    tags_of = tagging.resource_tags

    def resource_tags(arn: str) -> dict[str, str] | None:
        parts = arn.split(":", 5)
        if len(parts) != 6 or parts[2] in tagging._RESOURCE_TAG_COLLECTORS:
            return tags_of(arn)
        if parts[2] == "ec2":
            return {tag["Key"]: tag["Value"] for tag in ec2._tags.get(parts[5].rpartition("/")[2]) or []} or None
        collect = tagging._COLLECTORS.get(parts[2], list)
        return next(({tag["Key"]: tag["Value"] for tag in tags} for found, tags in collect() if found == arn), None)

    tagging.resource_tags = resource_tags
