# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from tests.support.answers import error_code


def aws_behaviour(clients) -> bool:
    """A family's parameters are listed with their types; an unknown family is refused."""
    rds = clients("rds")
    asked = "mysql8.4"
    if error_code(rds.describe_engine_default_parameters, DBParameterGroupFamily=asked):
        return False
    pages = rds.get_paginator("describe_engine_default_parameters").paginate(DBParameterGroupFamily=asked)
    listed = {
        item["ParameterName"]: item["ApplyType"] for page in pages for item in page["EngineDefaults"]["Parameters"]
    }
    unknown = error_code(rds.describe_engine_default_parameters, DBParameterGroupFamily="mysql9.9")
    return (
        listed.get("max_connections") == "dynamic"
        and listed.get("gtid-mode") == "static"
        and unknown == "InvalidParameterValue"
    )


def test_rds_engine_default_parameters(patched_only):
    patched_only("rds.engine_default_parameters", aws_behaviour)
