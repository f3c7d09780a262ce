# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""PutBucketReplication refuses a destination that does not exist, two rules of one priority, and rules of both schemas.

AWS answers InvalidRequest ("Destination bucket must exist.", "Priority must be specified ...") and InvalidArgument. The emulator
accepts all.
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ReplicationErrorCodeList
"""

from __future__ import annotations

import ministack.services.s3 as s3
from defusedxml.ElementTree import ParseError, fromstring


def _texts(root, name: str) -> list[str]:
    return [element.text or "" for element in root.iter() if element.tag.split("}")[-1] == name]


def _newer(root) -> list[str]:
    """Return what a rule lacks of the newer schema, in which all are once one has a filter."""
    rules = [{child.tag.split("}")[-1] for child in item} for item in root.iter() if item.tag.split("}")[-1] == "Rule"]
    if not any("Filter" in names for names in rules):
        return []
    return [name for name in ("Priority", "DeleteMarkerReplication") if any(name not in names for names in rules)]


def apply() -> None:
    put = s3._put_bucket_replication

    def checked(bucket_name, body):
        try:
            root = fromstring(body)
        except ParseError:
            return put(bucket_name, body)
        destinations = [text.split(":::")[-1] for text in _texts(root, "Bucket")]
        if any(s3._bucket_owner_account(name) is None for name in destinations):
            return s3._error("InvalidRequest", "Destination bucket must exist.", 400, f"/{bucket_name}")
        for name in _newer(root):
            message = f"{name} must be specified for this version of Cross Region Replication configuration schema."
            return s3._error("InvalidRequest", message, 400, f"/{bucket_name}")
        priorities = _texts(root, "Priority")
        if len(set(priorities)) != len(priorities):
            return s3._error("InvalidArgument", "Found duplicate priorities in the rules.", 400, f"/{bucket_name}")
        return put(bucket_name, body)

    s3._put_bucket_replication = checked
