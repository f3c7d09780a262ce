# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import pytest
import yaml
from ansible_collections.knowledgecity.platform.plugins.module_utils._dynamodb_deletion_protection.reconciler import (
    plan,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError

from lab.settings import CHECKOUT

ROLE = CHECKOUT / "roles" / "region_record"


def test_only_what_differs_is_set():
    current = {"off": False, "on": True}
    assert [change.name for change in plan(current, True, check_mode=False)] == ["off"]
    assert [change.name for change in plan(current, False, check_mode=False)] == ["on"]


def test_a_table_that_is_not_there_is_an_error_where_it_is_to_be_protected():
    with pytest.raises(PlatformError, match=r"not there: gone\. Nothing was changed"):
        plan({"gone": None, "off": False}, True, check_mode=False)
    assert plan({"gone": None}, True, check_mode=True) == []
    assert plan({"gone": None}, False, check_mode=False) == []


def test_the_region_record_is_protected_until_its_destruction():
    """The table's removal comes after its protection is switched off."""
    assert yaml.safe_load((ROLE / "defaults/main.yml").read_text())["region_record_deletion_protection"] is True
    module = "knowledgecity.platform.dynamodb_deletion_protection"
    built = yaml.safe_load((ROLE / "tasks/main.yml").read_text())
    assert [list(task)[1] for task in built] == ["community.aws.dynamodb_table", module]
    removed = yaml.safe_load((ROLE / "tasks/destroy_regional.yml").read_text())
    assert [list(task)[1] for task in removed] == [module, "community.aws.dynamodb_table"]
    assert removed[0][module]["enabled"] is False
