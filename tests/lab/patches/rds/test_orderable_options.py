# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations


def aws_behaviour(clients) -> bool:
    """A class of today is offered in MySQL 8.4, and one that doesn't exist isn't."""

    def versions(instance_class: str) -> set[str]:
        asked = {"Engine": "mysql", "DBInstanceClass": instance_class}
        found = clients("rds").describe_orderable_db_instance_options(**asked)["OrderableDBInstanceOptions"]
        assert all(option["DBInstanceClass"] == instance_class for option in found)
        return {option["EngineVersion"] for option in found}

    return any(version.startswith("8.4.") for version in versions("db.r7g.large")) and not versions("db.z9.large")


def test_rds_orderable_options(patched_only):
    patched_only("rds.orderable_options", aws_behaviour)
