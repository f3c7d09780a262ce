# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from botocore.exceptions import ClientError

from tests.support.bare_labs import NOT_ENABLED


def _refusal(call) -> str:
    try:
        call()
    except ClientError as error:
        return error.response["Error"]["Code"]
    return "none"


def aws_behaviour(clients) -> bool:
    """The operator's key is good in a region that is enabled, and unknown in one that isn't."""
    here = _refusal(clients("sts").get_caller_identity)
    sts = _refusal(clients("sts", NOT_ENABLED).get_caller_identity)
    ec2 = _refusal(clients("ec2", NOT_ENABLED).describe_vpcs)
    return (here, sts, ec2) == ("none", "InvalidClientTokenId", "AuthFailure")


def test_region_enabled(patched_only):
    patched_only("account.region_enabled", aws_behaviour)
