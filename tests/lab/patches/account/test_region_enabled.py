# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.support import labs

NOT_ENABLED = "ap-east-1"


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


@pytest.mark.parametrize(("without", "as_aws"), [("", True), ("region_enabled", False)])
def test_region_enabled(without, as_aws, tmp_path, monkeypatch):
    monkeypatch.setattr(labs, "REGIONS", (*labs.REGIONS, NOT_ENABLED))
    with labs.running_lab(tmp_path / "lab", without=without) as clients:
        assert aws_behaviour(clients) is as_aws
