# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Storage only grows, and the limit up to which RDS lets it grow is at least 10 % above it.

AWS refuses less storage than there is, whoever made it larger, and a limit that is too near. The emulator shrinks it, and takes any
limit.
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html
"""

from __future__ import annotations

import ministack.services.rds as rds

from lab.emulator.state import databases


def _problem(params: dict, held: int) -> tuple | None:
    asked, limit = (int(rds._p(params, name) or 0) for name in ("AllocatedStorage", "MaxAllocatedStorage"))
    if asked and asked < held:
        message = f"Invalid storage size for engine name mysql and storage type gp3: {asked}"
        return databases.refusal("InvalidParameterCombination", message)
    size = asked or held
    # A limit at the size itself turns growth off; only a change may ask for that.
    if limit and limit * 10 < size * 11 and not (held and limit == size):
        message = f"Invalid max storage size for engine name mysql and storage type gp3: {limit}"
        return databases.refusal("InvalidParameterCombination", message)
    return None


def apply() -> None:
    create, modify = rds._ACTION_MAP["CreateDBInstance"], rds._ACTION_MAP["ModifyDBInstance"]

    def create_checked(params):
        return (_problem(params, 0) if rds._p(params, "Engine") == "mysql" else None) or create(params)

    def modify_checked(params):
        instance, problem = databases.found(params)
        if not problem and databases.realizable(instance):
            problem = _problem(params, instance["AllocatedStorage"])
        return problem or modify(params)

    rds._ACTION_MAP |= {"CreateDBInstance": create_checked, "ModifyDBInstance": modify_checked}
