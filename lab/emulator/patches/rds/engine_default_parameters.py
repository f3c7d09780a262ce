# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The parameters of a family can be read before there is a group of it.

AWS lists them with DescribeEngineDefaultParameters and refuses a family it doesn't know. The emulator doesn't know the action.
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeEngineDefaultParameters.html
"""

from __future__ import annotations

import ministack.services.rds as rds

from lab.emulator.state import databases

_ACTION = "DescribeEngineDefaultParameters"
_FAMILIES = ("mysql5.7", "mysql8.0", "mysql8.4", "postgres16", "postgres17")


def _describe(params):
    family = rds._p(params, "DBParameterGroupFamily")
    if family not in _FAMILIES:
        return databases.refusal(
            "InvalidParameterValue", f"ParameterGroupFamily {family} is not a valid parameter group family"
        )
    listed = rds._parameter_group_parameters_xml({"DBParameterGroupFamily": family}, None)
    inner = f"<DBParameterGroupFamily>{family}</DBParameterGroupFamily><Parameters>{listed}</Parameters>"
    return rds._xml(
        200, f"{_ACTION}Response", f"<{_ACTION}Result><EngineDefaults>{inner}</EngineDefaults></{_ACTION}Result>"
    )


def apply() -> None:
    rds._ACTION_MAP[_ACTION] = _describe
