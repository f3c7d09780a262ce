# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Write the journal by condition: another run's write ends this run, one's own whose answer was lost doesn't."""

from __future__ import annotations

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.journal_store import (
    JournalStore,
    TakenOverError,
)
from botocore.exceptions import ClientError, ReadTimeoutError

from tests.support.failovers import journal


class Table:
    """DynamoDB with one item; ``lost`` answers do not arrive, though the item is written."""

    def __init__(self):
        self.item: dict | None = None
        self.lost = 0
        self.repeats = False

    def get_item(self, **_asked):
        return {"Item": self.item} if self.item else {}

    def put_item(self, **asked):
        before = asked["ExpressionAttributeValues"][":before"]
        if self.item and self.item["version"] != before:
            raise ClientError({"Error": {"Code": "ConditionalCheckFailedException"}}, "PutItem")
        self.item = asked["Item"]
        if self.lost:
            self.lost -= 1
            if not self.repeats:
                raise ReadTimeoutError(endpoint_url="https://dynamodb")
            self.put_item(**asked)  # as botocore does


def _store(table: Table) -> JournalStore:
    return JournalStore(table, "table", "eu-central-1")


def test_a_write_that_botocore_repeats_is_one_write():
    table = Table()
    table.lost, table.repeats = 1, True
    store = _store(table)
    first = store.write(journal(doing="fence"))
    assert first.version == 1
    assert store.write(first.begun("drain")).version == 2


def test_after_a_write_whose_answer_was_lost_the_same_run_goes_on():
    table = Table()
    store = _store(table)
    first = store.write(journal(doing="fence"))
    table.lost = 1
    with pytest.raises(PlatformError):
        store.write(first.begun("promote"))
    assert store.write(first.begun("take_back")).version == 3
    assert store.read().doing == "take_back"


def test_another_run_s_write_ends_this_one():
    table = Table()
    one, other = _store(table), _store(table)
    first = one.write(journal(doing="fence"))
    other.write(other.read())
    with pytest.raises(TakenOverError):
        one.write(first.begun("drain"))
    assert other.write(other.read().begun("drain")).version == 3
