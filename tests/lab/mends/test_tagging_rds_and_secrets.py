# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

PAIRS = [{"Key": "platform", "Value": "tagging-rds-test"}]


def aws_behaviour(clients) -> bool:
    """A tagged parameter group and secret are listed in their region only, and no longer once they are deleted."""
    rds, secrets = clients("rds"), clients("secretsmanager")
    rds.create_db_parameter_group(
        DBParameterGroupName="tagging-test", DBParameterGroupFamily="mysql8.4", Description="kept", Tags=PAIRS
    )
    secrets.create_secret(Name="tagging-test", SecretString="nothing", Tags=PAIRS)
    before, elsewhere = _listed(clients, "me-west-1"), _listed(clients, "eu-central-1")
    rds.delete_db_parameter_group(DBParameterGroupName="tagging-test")
    secrets.delete_secret(SecretId="tagging-test", ForceDeleteWithoutRecovery=True)
    after = _listed(clients, "me-west-1")
    return sorted(arn.split(":")[2] for arn in before) == ["rds", "secretsmanager"] and not elsewhere and not after


def _listed(clients, region: str) -> list[str]:
    filters = [{"Key": pair["Key"], "Values": [pair["Value"]]} for pair in PAIRS]
    answer = clients("resourcegroupstaggingapi", region).get_resources(TagFilters=filters)
    return [resource["ResourceARN"] for resource in answer["ResourceTagMappingList"]]


def test_tagging_rds_and_secrets(mended_only):
    mended_only("tagging_rds_and_secrets", aws_behaviour)
