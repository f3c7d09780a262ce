# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Store the journal in the target region, as an item beside the region record that is written by condition only.

A run that writes takes the journal over: the next write of the earlier run is refused, so that only one run acts at a time.
"""

from __future__ import annotations

import dataclasses
import typing as t
import uuid

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError, doing, error_code
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.journal import Journal
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_record.store import HASH_KEY

ITEM = "failover"


class JournalStore:
    """The journal of one region; the DynamoDB client is passed in."""

    def __init__(self, client: t.Any, table: str, region: str, tenant: str = ""):
        """``tenant`` is the one whose dedicated instance the journal is of."""
        self._client = client
        self._table = table
        self._region = region
        self._name = f"{ITEM}/{tenant}" if tenant else ITEM
        # By it a run knows its own writes.
        self._run = uuid.uuid4().hex

    def _item(self) -> dict[str, t.Any] | None:
        with doing(f"read the failover's journal in {self._region}"):
            key = {HASH_KEY: {"S": self._name}}
            return self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")

    def read(self) -> Journal | None:
        """Read the journal; None where there never was one."""
        item = self._item()
        if not item:
            return None
        try:
            return Journal.from_text(item["content"]["S"], int(item["version"]["N"]))
        except (KeyError, TypeError, ValueError) as error:
            raise PlatformError(
                f"The failover's journal in {self._region} (item {self._name} of {self._table}) is not readable: {error!r}. "
                "Nothing was changed. Fix: find out which region takes writes, then remove the item by hand."
            ) from error

    def write(self, journal: Journal) -> Journal:
        """Write the next version, and return it."""
        try:
            return self._put(journal)
        except PlatformError as failure:
            if error_code(failure.__cause__) != "ConditionalCheckFailedException":
                raise
            return self._after_refusal(journal, failure)

    def _after_refusal(self, journal: Journal, failure: PlatformError) -> Journal:
        """Tell a write of this run whose answer was lost, perhaps to be followed by this one, from another run's."""
        item = self._item()
        if not item or item.get("run", {}).get("S") != self._run or int(item["version"]["N"]) <= journal.version:
            raise TakenOverError(
                f"Another run took the failover to {journal.target} over: it wrote the journal in {self._region} in the meantime. "
                "This one stops here. Hint: watch the other one, or run mode=status."
            ) from failure
        ours = dataclasses.replace(journal, version=int(item["version"]["N"]))
        return ours if item["content"]["S"] == journal.to_text() else self.write(ours)

    def _put(self, journal: Journal) -> Journal:
        written = dataclasses.replace(journal, version=journal.version + 1)
        with doing(f"write the failover's journal in {self._region}"):
            self._client.put_item(
                TableName=self._table,
                Item={
                    HASH_KEY: {"S": self._name},
                    "version": {"N": str(written.version)},
                    "run": {"S": self._run},
                    "content": {"S": written.to_text()},
                },
                ConditionExpression="attribute_not_exists(version) OR version = :before",
                ExpressionAttributeValues={":before": {"N": str(journal.version)}},
            )
        return written


class TakenOverError(PlatformError):
    """Another run has taken the failover over."""
