# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from tests.support.answers import error_code


def aws_behaviour(clients) -> bool:
    """MySQL's parameters are listed with types and allowed values; others, and static ones without a reboot, are refused."""
    rds = clients("rds")
    rds.create_db_parameter_group(DBParameterGroupName="known", DBParameterGroupFamily="mysql8.4", Description="known")
    pages = rds.get_paginator("describe_db_parameters").paginate(DBParameterGroupName="known")
    described = {item["ParameterName"]: item for page in pages for item in page["Parameters"]}
    listed = {name: item["ApplyType"] for name, item in described.items()}

    def takes(name: str) -> tuple[str, str]:
        return described[name]["DataType"], described[name].get("AllowedValues", "")

    def refusal(name: str, value: str = "1") -> str | None:
        wanted = [{"ParameterName": name, "ParameterValue": value, "ApplyMethod": "immediate"}]
        return error_code(rds.modify_db_parameter_group, DBParameterGroupName="known", Parameters=wanted)

    return (
        listed.get("require_secure_transport") == "dynamic"
        and listed.get("performance_schema") == listed.get("gtid-mode") == "static"
        and refusal("require_secure_transport") is None
        and refusal("no_such_parameter") == "InvalidParameterValue"
        and refusal("performance_schema") == "InvalidParameterCombination"
        and takes("slow_query_log") == ("boolean", "0,1")
        and takes("read_only") == ("boolean", "0,1,{TrueIfReplica}")
        and takes("event_scheduler") == ("string", "ON,OFF,DISABLED")
        and refusal("slow_query_log") is None
        and refusal("slow_query_log", "ON") == refusal("event_scheduler", "1") == "InvalidParameterValue"
        and refusal("max_connections", "{DBInstanceClassMemory/12582880}") is None
        and refusal("max_connections", "0") == refusal("max_connections", "many") == "InvalidParameterValue"
    )


def test_rds_parameters_known(patched_only):
    patched_only("rds.parameters_known", aws_behaviour)
