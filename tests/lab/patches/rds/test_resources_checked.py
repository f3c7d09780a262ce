# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from tests.support.rights import ACCOUNT, allowed, user_with


def aws_behaviour(clients) -> bool:
    """Parameter groups of the names that the policy names can be made and read; an instance can't be given another's group."""
    own = [f"arn:aws:rds:*:{ACCOUNT}:{kind}:own-*" for kind in ("db", "pg")]
    actions = [
        "rds:CreateDBParameterGroup",
        "rds:DescribeDBParameters",
        "rds:DescribeDBInstances",
        "rds:ModifyDBInstance",
    ]
    rds = clients("rds", key=user_with(clients, [{"Action": actions, "Resource": own}])[1])
    administrator = clients("rds")
    kept = {"DBParameterGroupFamily": "mysql8.4", "Description": "kept"}
    administrator.create_db_parameter_group(DBParameterGroupName="foreign-group", **kept)
    administrator.create_db_instance(
        DBInstanceIdentifier="own-database",
        DBInstanceClass="db.t4g.micro",
        Engine="mysql",
        AllocatedStorage=20,
        MasterUsername="own",
        MasterUserPassword="Long-enough-1",
    )
    database = {"DBInstanceIdentifier": "own-database"}
    return (
        allowed(rds.create_db_parameter_group, DBParameterGroupName="own-group", **kept),
        allowed(rds.create_db_parameter_group, DBParameterGroupName="foreign-two", **kept),
        allowed(rds.describe_db_parameters, DBParameterGroupName="own-group"),
        allowed(rds.describe_db_parameters, DBParameterGroupName="foreign-group"),
        allowed(rds.describe_db_instances, **database),
        allowed(rds.describe_db_instances),
        allowed(rds.modify_db_instance, DBParameterGroupName="own-group", **database),
        allowed(rds.modify_db_instance, DBParameterGroupName="foreign-group", **database),
    ) == (True, False, True, False, True, False, True, False)


def test_rds_resources_checked(patched_only):
    patched_only("rds.resources_checked", aws_behaviour)
