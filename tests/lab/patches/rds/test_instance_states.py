# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from tests.support.answers import error_code

_NAME = "states"


def aws_behaviour(clients) -> bool:
    """A stopped instance can't be rebooted or stopped again, and a deletion says what is to become of the data."""
    rds = clients("rds")
    rds.create_db_instance(
        DBInstanceIdentifier=_NAME,
        DBInstanceClass="db.t4g.micro",
        Engine="mysql",
        AllocatedStorage=20,
        MasterUsername="admin",
        MasterUserPassword="unused-password",
    )
    rds.stop_db_instance(DBInstanceIdentifier=_NAME)
    refused = (
        error_code(rds.stop_db_instance, DBInstanceIdentifier=_NAME) == "InvalidDBInstanceState"
        and error_code(rds.reboot_db_instance, DBInstanceIdentifier=_NAME) == "InvalidDBInstanceState"
        and error_code(rds.delete_db_instance, DBInstanceIdentifier=_NAME) == "InvalidParameterCombination"
    )
    rds.start_db_instance(DBInstanceIdentifier=_NAME)
    again = error_code(rds.start_db_instance, DBInstanceIdentifier=_NAME) == "InvalidDBInstanceState"
    rds.delete_db_instance(DBInstanceIdentifier=_NAME, SkipFinalSnapshot=True)
    gone = error_code(rds.describe_db_instances, DBInstanceIdentifier=_NAME) == "DBInstanceNotFound"
    return refused and again and gone


def test_rds_instance_states(patched_only):
    patched_only("rds.instance_states", aws_behaviour)
