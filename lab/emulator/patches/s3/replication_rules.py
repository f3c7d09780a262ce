# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""PutBucketReplication refuses a destination that does not exist, and two rules of one priority.

AWS answers InvalidRequest ("Destination bucket must exist.") and InvalidArgument. The emulator accepts both.
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ReplicationErrorCodeList
"""

from __future__ import annotations

import ministack.services.s3 as s3
from defusedxml.ElementTree import ParseError, fromstring


def _texts(root, name: str) -> list[str]:
    return [element.text or "" for element in root.iter() if element.tag.split("}")[-1] == name]


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
        priorities = _texts(root, "Priority")
        if len(set(priorities)) != len(priorities):
            return s3._error("InvalidArgument", "Found duplicate priorities in the rules.", 400, f"/{bucket_name}")
        return put(bucket_name, body)

    s3._put_bucket_replication = checked
