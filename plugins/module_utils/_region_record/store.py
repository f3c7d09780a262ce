# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read and write the copies of the region record: one DynamoDB item a region, written by condition only.

Conditional writes: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ConditionExpressions.html
"""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import (
    PlatformError,
    doing,
    error_code,
    explain,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._parallel import in_parallel
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_record.model import Copy, Record

try:
    from botocore.exceptions import BotoCoreError, ClientError
except ImportError:  # AnsibleAWSModule reports the missing library
    BotoCoreError = ClientError = Exception

HASH_KEY = "name"
ITEM = "active"

# These are errors of the caller; any other error means that the region can't be read.
_OURS = {"AccessDeniedException", "UnrecognizedClientException", "InvalidSignatureException", "ExpiredTokenException"}


class RecordStore:
    """Read and write the copies of one environment's record. ``client_for(region)`` gives a DynamoDB client."""

    def __init__(self, client_for: t.Callable[[str], t.Any], table: str, regions: t.Sequence[str], tenant: str = ""):
        """``tenant`` is the one whose dedicated instance the record is of; without it, it is the platform's."""
        self._client_for = client_for
        self._table = table
        self._regions = list(regions)
        self._item = f"{ITEM}/{tenant}" if tenant else ITEM

    def read(self) -> list[Copy]:
        """Read all copies, consistently and at the same time; one that can't be read says why."""
        clients = {region: self._client_for(region) for region in self._regions}
        return in_parallel(lambda region: self._read_copy(region, clients[region]), self._regions)

    def _read_copy(self, region: str, client: t.Any) -> Copy:
        try:
            answer = client.get_item(TableName=self._table, Key={HASH_KEY: {"S": self._item}}, ConsistentRead=True)
        except client.exceptions.ResourceNotFoundException:
            return Copy(region, "no_table")
        except (BotoCoreError, ClientError) as error:
            if error_code(error) in _OURS:
                raise PlatformError(f"Could not read the region record in {region}: {explain(error)}") from error
            return Copy(region, "unreadable", error=explain(error))
        if "Item" not in answer:
            return Copy(region, "absent")
        return Copy(region, "present", record=_from_item(answer["Item"], region))

    def write(self, region: str, record: Record) -> None:
        """Write a copy unless the region holds the same or a higher epoch by now."""
        client = self._client_for(region)
        try:
            with doing(f"write epoch {record.epoch} of the region record in {region}"):
                client.put_item(
                    TableName=self._table,
                    Item=_to_item(record) | {HASH_KEY: {"S": self._item}},
                    ConditionExpression="attribute_not_exists(epoch) OR epoch < :epoch",
                    ExpressionAttributeValues={":epoch": {"N": str(record.epoch)}},
                )
        except PlatformError as failure:
            if error_code(failure.__cause__) != "ConditionalCheckFailedException":
                raise
            raise PlatformError(
                f"The region record in {region} was changed by somebody else in the meantime: its epoch is {record.epoch} "
                "or higher by now. Nothing was overwritten. Run again."
            ) from failure


def _to_item(record: Record) -> dict[str, t.Any]:
    item: dict[str, t.Any] = {"epoch": {"N": str(record.epoch)}}
    for field in ("active_region", "writer_endpoint", "since", "reason", "journal"):
        value = getattr(record, field)
        item[field] = {"NULL": True} if value is None else {"S": value}
    return item


def _from_item(item: dict[str, t.Any], region: str) -> Record:
    try:
        return Record(
            epoch=int(item["epoch"]["N"]),
            active_region=item["active_region"]["S"],
            writer_endpoint=item.get("writer_endpoint", {}).get("S"),
            since=item.get("since", {}).get("S", ""),
            reason=item.get("reason", {}).get("S", ""),
            journal=item.get("journal", {}).get("S"),
        )
    except (KeyError, ValueError) as error:
        raise PlatformError(
            f"The region record in {region} is not readable: attribute {error} is missing or of the wrong type. "
            "Nothing was changed. Fix: repair the item by hand."
        ) from error
