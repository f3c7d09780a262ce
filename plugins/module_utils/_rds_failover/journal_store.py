# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Store the journal in the target region, as an item beside the region record that is written by condition only.

A run that writes takes the journal over: the next write of the earlier run is refused, so that only one run acts at a time.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError, doing, error_code
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.journal import Journal
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_record.store import HASH_KEY

ITEM = "failover"


class JournalStore:
    """The journal of one region; the DynamoDB client is passed in."""

    def __init__(self, client: t.Any, table: str, region: str):
        self._client = client
        self._table = table
        self._region = region

    def read(self) -> Journal | None:
        """Read the journal; None where there never was one."""
        with doing(f"read the failover's journal in {self._region}"):
            answer = self._client.get_item(TableName=self._table, Key={HASH_KEY: {"S": ITEM}}, ConsistentRead=True)
        item = answer.get("Item")
        if not item:
            return None
        try:
            return Journal.from_text(item["content"]["S"], int(item["version"]["N"]))
        except (KeyError, TypeError, ValueError) as error:
            raise PlatformError(
                f"The failover's journal in {self._region} (item {ITEM} of {self._table}) is not readable: {error!r}. Nothing was "
                "changed. Fix: find out which region takes writes, then remove the item by hand."
            ) from error

    def write(self, journal: Journal) -> Journal:
        """Write the next version, and return it."""
        written = dataclasses.replace(journal, version=journal.version + 1)
        try:
            with doing(f"write the failover's journal in {self._region}"):
                self._client.put_item(
                    TableName=self._table,
                    Item={
                        HASH_KEY: {"S": ITEM},
                        "version": {"N": str(written.version)},
                        "content": {"S": written.to_text()},
                    },
                    ConditionExpression="attribute_not_exists(version) OR version = :before",
                    ExpressionAttributeValues={":before": {"N": str(journal.version)}},
                )
        except PlatformError as failure:
            if error_code(failure.__cause__) != "ConditionalCheckFailedException":
                raise
            raise TakenOverError(
                f"Another run took the failover to {journal.target} over: it wrote the journal in {self._region} in the meantime. "
                "This one stops here. Hint: watch the other one, or run mode=status."
            ) from failure
        return written


class TakenOverError(PlatformError):
    """Another run has taken the failover over."""
