# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import time

from tests.support.lags import lagging

TRUST = '{"Version": "2012-10-17", "Statement": []}'


def aws_behaviour(clients) -> bool:
    """A new role's policies can't be read at first, and can after a while; where nothing lags, at once."""
    iam = clients("iam", "us-east-1")
    iam.create_role(RoleName="at-once", AssumeRolePolicyDocument=TRUST)
    iam.list_role_policies(RoleName="at-once")
    with lagging(clients, iam=1):
        iam.create_role(RoleName="news", AssumeRolePolicyDocument=TRUST)
        try:
            iam.list_role_policies(RoleName="news")
            return False
        except iam.exceptions.NoSuchEntityException:
            time.sleep(1.1)
        return iam.list_role_policies(RoleName="news")["PolicyNames"] == []


def test_iam_new_roles_lag(patched_only):
    patched_only("iam.new_roles_lag", aws_behaviour)
