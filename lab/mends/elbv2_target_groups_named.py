# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A target group that is asked for by a name that none has is not found.

AWS answers TargetGroupNotFound; the emulator answers with an empty list, which community.aws.elb_target_group fails on.
https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTargetGroups.html
"""

from __future__ import annotations

import ministack.services.alb as alb


def mend() -> None:
    describe = alb._ACTION_MAP["DescribeTargetGroups"]

    def describe_named(params: dict) -> tuple:
        there = {group["TargetGroupName"] for group in alb._tgs.values()}
        if not set(alb._parse_member_list(params, "Names")) <= there:
            return alb._error("TargetGroupNotFound", "One or more target groups not found")
        return describe(params)

    alb._ACTION_MAP["DescribeTargetGroups"] = describe_named
