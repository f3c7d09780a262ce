# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.knowledgecity.platform.plugins.filter.operator_policies import operator_policies

POLICY = {
    "policies": [
        {
            "name": "${platform_name}-x",
            "document": {"Statement": [{"Resource": ["${account_id}"], "Region": ["${regions}", "us-east-1"]}]},
        }
    ]
}


def test_placeholders_are_filled_in_and_regions_are_spread():
    (made,) = operator_policies(POLICY, account_id="1", platform_name="kc", regions=["a", "us-east-1"])
    assert made == {"name": "kc-x", "document": {"Statement": [{"Resource": ["1"], "Region": ["a", "us-east-1"]}]}}


def test_what_is_not_given_is_named():
    with pytest.raises(AnsibleFilterError, match="account_id"):
        operator_policies(POLICY, platform_name="kc", regions=[])
