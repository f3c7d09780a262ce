# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from tests.support.tagging import listed

TAGS = {"platform": "tagging-rds-test"}
PAIRS = [{"Key": key, "Value": value} for key, value in TAGS.items()]


def aws_behaviour(clients) -> bool:
    """A tagged parameter group and secret are listed in their region only, and no longer once they are deleted."""
    rds, secrets = clients("rds"), clients("secretsmanager")
    rds.create_db_parameter_group(
        DBParameterGroupName="tagging-test", DBParameterGroupFamily="mysql8.4", Description="kept", Tags=PAIRS
    )
    secrets.create_secret(Name="tagging-test", SecretString="nothing", Tags=PAIRS)
    before, elsewhere = listed(clients, "me-west-1", TAGS), listed(clients, "eu-central-1", TAGS)
    rds.delete_db_parameter_group(DBParameterGroupName="tagging-test")
    secrets.delete_secret(SecretId="tagging-test", ForceDeleteWithoutRecovery=True)
    after = listed(clients, "me-west-1", TAGS)
    return sorted(arn.split(":")[2] for arn in before) == ["rds", "secretsmanager"] and not elsewhere and not after


def test_tagging_rds_and_secrets(patched_only):
    patched_only("tagging.rds_and_secrets", aws_behaviour)
