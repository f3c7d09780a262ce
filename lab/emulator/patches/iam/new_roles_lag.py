# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A role that was just created is unknown to calls that read its policies, for as long as the lab's lag of IAM says.

IAM is eventually consistent: a call right after CreateRole may reach a copy that doesn't have the role, and answers NoSuchEntity.
The emulator knows it at once, so that nothing would notice a caller who takes that for an error.
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_general.html#troubleshoot_general_eventual-consistency
"""

from __future__ import annotations

import time

import ministack.services.iam as iam
from ministack.core.responses import get_account_id

from lab.emulator.patches import _lags

_READS = ("ListRolePolicies", "GetRolePolicy", "ListAttachedRolePolicies")
_made: dict[tuple[str, str], float] = {}


def is_news(name: str) -> bool:
    """Tell whether a role of this account is so new that others don't know it yet."""
    return time.time() - _made.get((get_account_id(), name), 0) < _lags.seconds("iam")


def _noting(create):
    def create_role(parameters):
        answer = create(parameters)
        if answer[0] == 200:
            _made[get_account_id(), iam._p(parameters, "RoleName")] = time.time()
        return answer

    return create_role


def _lagging(read):
    def read_policies(parameters):
        name = iam._p(parameters, "RoleName")
        if is_news(name):
            return iam._error(404, "NoSuchEntity", f"The role with name {name} cannot be found.", ns="iam")
        return read(parameters)

    return read_policies


def apply() -> None:
    iam._IAM_HANDLERS["CreateRole"] = _noting(iam._IAM_HANDLERS["CreateRole"])
    for action in _READS:
        iam._IAM_HANDLERS[action] = _lagging(iam._IAM_HANDLERS[action])
