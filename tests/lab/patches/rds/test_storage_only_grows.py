# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from tests.support.answers import error_code

_ASKED = {
    "DBInstanceIdentifier": "growing",
    "DBInstanceClass": "db.t4g.micro",
    "Engine": "mysql",
    "AllocatedStorage": 20,
    "StorageType": "gp3",
    "MasterUsername": "admin",
    "MasterUserPassword": "unused-password",
}
_REFUSED = "InvalidParameterCombination"


def aws_behaviour(clients) -> bool:
    """Storage isn't shrunk, and its limit is at least 10 % above it."""
    rds = clients("rds")
    too_near = error_code(rds.create_db_instance, MaxAllocatedStorage=21, **_ASKED)
    if too_near != _REFUSED:
        return False
    rds.create_db_instance(MaxAllocatedStorage=22, **_ASKED)

    def change(**attributes) -> str | None:
        return error_code(rds.modify_db_instance, DBInstanceIdentifier="growing", ApplyImmediately=True, **attributes)

    return (
        change(AllocatedStorage=30, MaxAllocatedStorage=100) is None
        and change(AllocatedStorage=29) == _REFUSED
        and change(MaxAllocatedStorage=32) == _REFUSED
        and change(MaxAllocatedStorage=33) is None
    )


def test_rds_storage_only_grows(patched_only):
    patched_only("rds.storage_only_grows", aws_behaviour)
