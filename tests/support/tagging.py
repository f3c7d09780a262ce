# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Ask the Resource Groups Tagging API."""

from __future__ import annotations


def listed(clients, region: str, tags: dict[str, str]) -> list[str]:
    """Return the ARNs of a region's resources that have all of these tags."""
    filters = [{"Key": key, "Values": [value]} for key, value in tags.items()]
    answer = clients("resourcegroupstaggingapi", region).get_resources(TagFilters=filters)
    return [resource["ResourceARN"] for resource in answer["ResourceTagMappingList"]]
