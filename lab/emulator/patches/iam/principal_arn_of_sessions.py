# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The condition key aws:PrincipalArn of a role's session is the role's ARN.

So a policy can name a role by a condition, before the role exists. The emulator has the session's own ARN there, which such a
statement never matches.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn
"""

from __future__ import annotations

import ministack.services.iam as iam
from ministack.core import iam_evaluator


def apply() -> None:
    resolve = iam_evaluator._resolve_condition_key

    def resolve_role(key, ctx):
        if key.lower() != "aws:principalarn" or ctx.principal_type != "AssumedRole":
            return resolve(key, ctx)
        name = iam_evaluator._role_name_from_assumed_arn(ctx.principal_arn)
        role = iam._roles.get_scoped(ctx.principal_account, None, name)
        return role["Arn"] if role else resolve(key, ctx)

    iam_evaluator._resolve_condition_key = resolve_role
