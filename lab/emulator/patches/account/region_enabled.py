# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A region that the account has not enabled knows none of its credentials.

AWS refuses them there as if they did not exist (EC2: AuthFailure, STS: InvalidClientTokenId); the emulator serves every
region. Which regions are not enabled stands in regions_known.py.
https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
"""

from __future__ import annotations

from ministack.core import iam_evaluator
from ministack.core.responses import get_region

from lab.emulator.patches.account.regions_known import NOT_OPTED_IN

_authenticate = iam_evaluator.authenticate


def _authenticate_where_enabled(access_key_id, account_id):
    if get_region() in NOT_OPTED_IN:
        unknown = iam_evaluator._unknown_access_key()
        return iam_evaluator.AuthError(unknown.code, unknown.message)
    return _authenticate(access_key_id, account_id)


def apply() -> None:
    iam_evaluator.authenticate = _authenticate_where_enabled
