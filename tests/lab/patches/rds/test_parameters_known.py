# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from tests.support.answers import error_code


def aws_behaviour(clients) -> bool:
    """MySQL's parameters are listed with their types; unknown ones, and static ones without a reboot, are refused."""
    rds = clients("rds")
    rds.create_db_parameter_group(DBParameterGroupName="known", DBParameterGroupFamily="mysql8.4", Description="known")
    pages = rds.get_paginator("describe_db_parameters").paginate(DBParameterGroupName="known")
    listed = {item["ParameterName"]: item["ApplyType"] for page in pages for item in page["Parameters"]}

    def refusal(name: str) -> str | None:
        wanted = [{"ParameterName": name, "ParameterValue": "1", "ApplyMethod": "immediate"}]
        return error_code(rds.modify_db_parameter_group, DBParameterGroupName="known", Parameters=wanted)

    return (
        listed.get("require_secure_transport") == "dynamic"
        and listed.get("performance_schema") == listed.get("gtid-mode") == "static"
        and refusal("require_secure_transport") is None
        and refusal("no_such_parameter") == "InvalidParameterValue"
        and refusal("performance_schema") == "InvalidParameterCombination"
    )


def test_rds_parameters_known(patched_only):
    patched_only("rds.parameters_known", aws_behaviour)
