# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""What is handed to teams that use Terraform or the AWS CLI, and what is read of RDS's answers."""

from __future__ import annotations

import shlex
from dataclasses import replace

import boto3
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances import described
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances.handover import (
    aws_cli,
    terraform,
)

from tests.support.tenant_instances import AWAY, HOME, instance, wanted, with_values

_ENTRY = wanted(own={"replica": True, "insights_days": 7})
_NAME = "kc-me-west-1-database-acme"


def test_terraform_imports_the_instance_and_its_groups():
    assert terraform("acme", instance(_ENTRY), HOME) == (
        f'import {{\n  to = aws_db_instance.acme\n  id = "{_NAME}"\n}}\n\n'
        f'import {{\n  to = aws_db_parameter_group.acme\n  id = "{_NAME}"\n}}\n\n'
        f'import {{\n  to = aws_db_subnet_group.acme\n  id = "{_NAME}"\n}}\n'
    )


def test_terraform_has_a_provider_and_names_of_its_own_for_another_region():
    blocks = terraform("acme", instance(_ENTRY, _ENTRY.replica), HOME)
    assert blocks.count("provider = aws.eu_central_1") == 3
    assert "to = aws_db_instance.acme_eu_central_1" in blocks
    assert 'id = "kc-eu-central-1-database-acme"' in blocks


def test_names_of_companies_are_names_in_terraform_too():
    """They begin with a letter there, and two companies have two."""
    labels = {
        terraform(name, instance(_ENTRY), HOME).split("to = ")[1].split()[0] for name in ("شركة", "Acme", "ACME", "3M")
    }
    assert len(labels) == 4
    assert all(label.startswith("aws_db_instance.tenant_0") and label.isascii() for label in labels)


def test_the_cli_shows_the_instance():
    shown = aws_cli(instance(_ENTRY))["describe"]
    assert shown == f"aws rds describe-db-instances --region {HOME} --db-instance-identifier {_NAME}"


def test_the_cli_makes_the_instance_again_what_it_is():
    command = shlex.split(aws_cli(instance(_ENTRY))["modify"])
    assert command[:3] == ["aws", "rds", "modify-db-instance"]
    text = " ".join(command)
    for part in (
        "--db-instance-class db.t4g.small",
        "--allocated-storage 20",
        "--backup-retention-period 7",
        "--multi-az",
        "--deletion-protection",
        "--no-publicly-accessible",
        "--enable-performance-insights",
        "--performance-insights-retention-period 7",
        "--vpc-security-group-ids sg-1",
        f"--db-parameter-group-name {_NAME}",
    ):
        assert part in text
    assert "password" not in text
    assert "--max-allocated-storage" not in text, "it does not grow, and AWS takes no limit at the storage itself"


def test_each_option_of_the_cli_is_one_that_the_api_has():
    found = with_values(
        instance(_ENTRY), MaxAllocatedStorage=50, MonitoringInterval=60, MonitoringRoleArn="arn:role", StorageType="gp3"
    )
    members = (
        boto3.client("rds", region_name=HOME).meta.service_model.operation_model("ModifyDBInstance").input_shape.members
    )
    known = {name.lower() for name in members}
    options = [word for word in shlex.split(aws_cli(found)["modify"]) if word.startswith("--")]
    for option in options:
        name = option.removeprefix("--").removeprefix("no-").replace("-", "")
        assert name in known | {"region"}, option


_ANSWER = {
    "DBInstanceIdentifier": "x",
    "DBInstanceArn": f"arn:aws:rds:{HOME}:111122223333:db:x",
    "DBInstanceStatus": "modifying",
    "DBInstanceClass": "db.t4g.small",
    "AllocatedStorage": 20,
    "Engine": "mysql",
    "MasterUsername": "admin",
    "StorageEncrypted": True,
    "KmsKeyId": "arn:key",
    "DBParameterGroups": [{"DBParameterGroupName": "g", "ParameterApplyStatus": "pending-reboot"}],
    "DBSubnetGroup": {"DBSubnetGroupName": "s"},
    "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-2"}, {"VpcSecurityGroupId": "sg-1"}],
    "Endpoint": {"Address": "x.rds", "Port": 3307},
    "PendingModifiedValues": {"DBInstanceClass": "db.r7g.large", "MasterUserPassword": "****"},
    "ReadReplicaDBInstanceIdentifiers": [f"arn:aws:rds:{AWAY}:111122223333:db:y"],
    "DBInstanceAutomatedBackupsReplications": [
        {"DBInstanceAutomatedBackupsArn": f"arn:aws:rds:{AWAY}:111122223333:auto-backup:ab-1"}
    ],
    "MasterUserSecret": {"SecretArn": "arn:secret"},
    "TagList": [{"Key": "a", "Value": "b"}],
}


def test_what_is_pending_counts_as_done_only_while_it_is_done():
    waiting = described.instance(_ANSWER | {"DBInstanceStatus": "available"})
    assert waiting.values["DBInstanceClass"] == "db.t4g.small", "somebody left it to the maintenance window"


def test_an_answer_is_read():
    found = described.instance(_ANSWER)
    assert (found.region, found.status, found.endpoint, found.port) == (HOME, "modifying", "x.rds", 3307)
    assert found.values["DBInstanceClass"] == "db.r7g.large"
    assert found.values["VpcSecurityGroupIds"] == ["sg-1", "sg-2"]
    assert found.values["MaxAllocatedStorage"] == 20
    assert found.backup_regions == (AWAY,)
    assert found.managed_password
    assert found.parameter_status == "pending-reboot"
    assert "****" not in str(found)


def test_an_instance_that_is_being_created_has_no_endpoint():
    young = {key: value for key, value in _ANSWER.items() if key not in ("Endpoint", "MasterUserSecret")}
    found = described.instance(young | {"DBInstanceStatus": "creating"})
    assert (found.endpoint, found.ready, found.managed_password) == (None, False, False)
    assert not replace(found, status="backing-up").ready
