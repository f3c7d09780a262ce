# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Write the region record by hand, as an operator would with the AWS CLI."""

from __future__ import annotations

from tests.support.labs import Clients

TABLE = "kc-lab-region-record"
KEY = {"name": {"S": "active"}}


def read(lab: Clients, region: str) -> dict:
    """A region's copy as plain values; empty where there is none."""
    return {name: next(iter(value.values())) for name, value in stored(lab, region).items()}


def stored(lab: Clients, region: str) -> dict:
    """A region's copy as DynamoDB holds it, to be put back by `put`."""
    return lab("dynamodb", region).get_item(TableName=TABLE, Key=KEY, ConsistentRead=True).get("Item", {})


def put(lab: Clients, region: str, item: dict) -> None:
    """Replace a region's copy."""
    lab("dynamodb", region).put_item(TableName=TABLE, Item=item)


def update(lab: Clients, region: str, **values: str | int) -> None:
    """Set attributes of a region's copy."""
    lab("dynamodb", region).update_item(
        TableName=TABLE,
        Key=KEY,
        UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in values),
        ExpressionAttributeNames={f"#{name}": name for name in values},
        ExpressionAttributeValues={
            f":{name}": {"N": str(value)} if isinstance(value, int) else {"S": value} for name, value in values.items()
        },
    )
