# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Remember in a DynamoDB table what an account's defaults were before they were set, and say what is to be put back."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._account_baseline import model
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import doing, found_or_none
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change

# The item's key; the table's own is `name`, as that of the region record.
_ITEM = "account-defaults"
_NO_TABLE = "ResourceNotFoundException"
# What undoes a default that was not set: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyInstanceMetadataDefaults.html
_NO_PREFERENCE = {"HttpTokens": "no-preference", "HttpPutResponseHopLimit": -1}

Remembered = dict[str, dict[str, t.Any]]


def to_restore(remembered: Remembered, current: model.Settings) -> model.Settings:
    """Return what is to be put back: the aspects that are still as this collection set them."""
    return {
        aspect: undone(aspect, each["before"], each["set"])
        for aspect, each in remembered.items()
        if model.is_so(current.get(aspect), each["set"])
    }


def undone(aspect: str, before: t.Any, was_set: t.Any) -> t.Any:
    """Return the value that undoes a setting, where there was none before, too."""
    if aspect == model.METADATA:
        return {name: (before or {}).get(name, _NO_PREFERENCE[name]) for name in was_set}
    if aspect == model.PUBLIC_ACCESS:
        return {name: (before or {}).get(name, False) for name in was_set}
    return before


class Memory:
    """The memory in a table, reached by a client of DynamoDB."""

    def __init__(self, client: t.Any, table: str):
        self._client = client
        self._table = table

    def read(self) -> Remembered | None:
        """Read what is remembered, by aspect: what was there `before`, and what was `set`. None where there is no table."""
        answer = found_or_none(
            f"read the account's earlier defaults in the table {self._table}",
            lambda: self._client.get_item(TableName=self._table, Key={"name": {"S": _ITEM}}, ConsistentRead=True),
            _NO_TABLE,
        )
        if answer is None:
            return None
        return json.loads(answer.get("Item", {}).get("settings", {}).get("S", "{}"))

    def note(self, changes: t.Sequence[Change]) -> None:
        """Remember what the changes are about to replace. The first value of an aspect counts, and the last that was set."""
        remembered = self.read()
        if remembered is None:
            return
        for change in changes:
            before = remembered.get(change.kind, {"before": change.before})["before"]
            remembered[change.kind] = {"before": before, "set": change.after}
        item = {"name": {"S": _ITEM}, "settings": {"S": json.dumps(remembered, sort_keys=True)}}
        with doing(f"remember the account's earlier defaults in the table {self._table}"):
            self._client.put_item(TableName=self._table, Item=item)
