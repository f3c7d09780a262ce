# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""What AWS tells of the scenario's databases, in one JSON object; of secrets only whether they agree."""

from __future__ import annotations

import json
import os

import boto3

_PREFIX = "molecule-database"
_HERE, _THERE = "me-west-1", "eu-central-1"
_ENDPOINTS = json.loads(os.environ["LAB_ENDPOINTS"])


def _client(service: str, region: str):
    return boto3.client(service, region_name=region, endpoint_url=_ENDPOINTS[region])


def _instance(region: str) -> dict:
    found = _client("rds", region).describe_db_instances(DBInstanceIdentifier=f"{_PREFIX}-{region}-database")
    return found["DBInstances"][0]


def _record(region: str) -> dict:
    table = f"{_PREFIX}-region-record"
    item = _client("dynamodb", region).get_item(TableName=table, Key={"name": {"S": "active"}})["Item"]
    return {name: next(iter(value.values())) for name, value in item.items()}


def _secret(region: str) -> dict:
    return json.loads(
        _client("secretsmanager", region).get_secret_value(SecretId=f"{_PREFIX}/database/master")["SecretString"]
    )


def main() -> None:
    backups = _client("rds", _THERE).describe_db_instance_automated_backups()["DBInstanceAutomatedBackups"]
    parameters = _client("rds", _HERE).describe_db_parameters(
        DBParameterGroupName=f"{_PREFIX}-{_HERE}-database", Source="user"
    )["Parameters"]
    here, there = _secret(_HERE), _secret(_THERE)
    seen = {
        "writer": _instance(_HERE),
        "replica": _instance(_THERE),
        "backups": [
            [item["DBInstanceIdentifier"], item["Status"], item["BackupRetentionPeriod"]]
            for item in backups
            if f":{_HERE}:" in item["DBInstanceArn"]
        ],
        "records": [_record(_HERE), _record(_THERE)],
        "secrets_agree": here == there and here["username"] == "platform_admin" and len(here["password"]) == 40,
        "parameters": {item["ParameterName"]: item["ParameterValue"] for item in parameters},
    }
    print(json.dumps(seen, default=str))


if __name__ == "__main__":
    main()
