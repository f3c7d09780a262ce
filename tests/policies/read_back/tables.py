# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""DynamoDB's tables as they are."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator

from tests.policies.template import Properties, Resource, chosen


def tables(dynamodb: t.Any, prefix: str) -> Iterator[Resource]:
    """The tables whose names begin so."""
    for page in dynamodb.get_paginator("list_tables").paginate():
        for name in page["TableNames"]:
            if name.startswith(prefix):
                yield Resource("AWS::DynamoDB::Table", name, _properties(dynamodb, name))


def _properties(dynamodb: t.Any, name: str) -> Properties:
    table = dynamodb.describe_table(TableName=name)["Table"]
    backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    recovery = backups.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus")
    encryption = table.get("SSEDescription", {})
    return chosen(table, "TableName", "KeySchema", "AttributeDefinitions") | {
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": recovery == "ENABLED"},
        "SSESpecification": {"SSEEnabled": encryption.get("Status") == "ENABLED"}
        | ({"KMSMasterKeyId": encryption["KMSMasterKeyArn"]} if "KMSMasterKeyArn" in encryption else {}),
    }
