# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A target group that is asked for by a name that there is none of is TargetGroupNotFound.

The emulator answers so for an ARN, and with an empty list for a name.
https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTargetGroups.html
"""

from __future__ import annotations

import ministack.services.alb as alb


def apply() -> None:
    describe = alb._ACTION_MAP["DescribeTargetGroups"]

    def describe_target_groups(params: dict) -> tuple:
        known = {group["TargetGroupName"] for group in alb._tgs.values()}
        if not known.issuperset(alb._parse_member_list(params, "Names")):
            return alb._error("TargetGroupNotFound", "One or more target groups not found")
        return describe(params)

    alb._ACTION_MAP["DescribeTargetGroups"] = describe_target_groups
