# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import uuid

from tests.support.rights import allowed, user_with


def aws_behaviour(clients) -> bool:
    """A right on one table's tags allows tagging that table, and no other."""
    dynamodb = clients("dynamodb")
    key = {"AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}], "BillingMode": "PAY_PER_REQUEST"}
    schema = {"KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}]}
    own, foreign = (
        dynamodb.create_table(TableName=f"t-{uuid.uuid4().hex}", **key, **schema)["TableDescription"]["TableArn"]
        for _ in range(2)
    )
    _, user = user_with(clients, [{"Action": "dynamodb:TagResource", "Resource": own}])
    tag, tags = clients("dynamodb", key=user).tag_resource, [{"Key": "a", "Value": "b"}]
    return allowed(tag, ResourceArn=own, Tags=tags) and not allowed(tag, ResourceArn=foreign, Tags=tags)


def test_dynamodb_tagging_checked(patched_only):
    patched_only("dynamodb.tagging_checked", aws_behaviour)
