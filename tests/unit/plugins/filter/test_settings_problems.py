# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The filter settings_problems: settings and probes in one report."""

from __future__ import annotations

import pytest
import yaml
from ansible.errors import AnsibleTypeError
from ansible_collections.knowledgecity.platform.plugins.plugin_utils.settings.report import (
    _known_regions,
    settings_problems,
)

from lab.settings import CHECKOUT

HOSTS = {"me-west-1": "me-west-1", "eu-central-1": "eu-central-1"}
LAB = CHECKOUT / "inventories" / "lab" / "group_vars" / "all" / "platform.yml"


@pytest.fixture
def settings() -> dict:
    return yaml.safe_load(LAB.read_text())


def probe(setting: str, where: str) -> dict:
    return {
        "problems": [{"setting": setting, "problem": "is wrong.", "where": where, "fix": "Fix it."}],
        "remarks": [],
    }


def test_nothing_to_say(settings):
    found = settings_problems(settings, HOSTS, {host: {"problems": [], "remarks": []} for host in HOSTS})
    assert found == {"problems": [], "warnings": [], "message": "No problem was found."}


def test_the_same_problem_of_several_hosts_is_one(settings):
    found = settings_problems(settings, HOSTS, {host: probe("AWS credentials", host) for host in HOSTS})
    assert [each["where"] for each in found["problems"]] == ["me-west-1 and eu-central-1"]
    assert "1 problem to fix first" in found["message"]


def test_settings_and_probes_are_reported_together(settings):
    settings["platform_domain"] = ""
    found = settings_problems(settings, HOSTS, {"me-west-1": probe("permission kms:ListAliases", "me-west-1")}, "here")
    assert [each["setting"] for each in found["problems"]] == ["platform_domain", "permission kms:ListAliases"]
    assert found["problems"][0]["where"] == "here"
    assert "2 problems to fix first" in found["message"]


@pytest.mark.parametrize(
    ("change", "follows"),
    [
        ({"platform_name": "KC"}, "platform_name"),
        ({"platform_environment": "LAB"}, "platform_name"),
        ({"platform_account_id": 111122223333}, "platform_account_id"),
    ],
)
def test_what_follows_from_a_wrong_setting_is_left_out(settings, change, follows):
    found = settings_problems(settings | change, HOSTS, {"me-west-1": probe(follows, "me-west-1")})
    assert [each["setting"] for each in found["problems"]] == list(change)


def test_a_probe_that_failed_is_a_problem(settings):
    found = settings_problems(settings, HOSTS, {"me-west-1": {"failed": True, "msg": "no module\nline 2"}})
    assert found["problems"][0]["problem"] == "could not read the region. no module"
    assert found["problems"][0]["where"] == "me-west-1"


def test_a_probe_that_failed_for_a_wrong_endpoint_is_not(settings):
    settings["platform_endpoints"] = {"me-west-1": "nonsense"}
    found = settings_problems(settings, HOSTS, {"me-west-1": {"failed": True, "msg": "Invalid endpoint"}})
    assert [each["setting"] for each in found["problems"]] == ["platform_endpoints['me-west-1']"]


def test_remarks_are_warnings(settings):
    remark = {"setting": "a", "problem": "is odd.", "where": "", "fix": "Nothing."}
    found = settings_problems(settings, HOSTS, {"me-west-1": {"problems": [], "remarks": [remark]}})
    assert found["problems"] == []
    assert found["warnings"] == [remark]
    assert "no obstacle" in found["message"]


def test_the_sdks_regions_include_the_newest():
    assert {"me-west-1", "eu-central-1", "us-east-1"} <= _known_regions()
    assert "aws-global" not in _known_regions()


def test_settings_must_be_a_mapping():
    with pytest.raises(AnsibleTypeError):
        settings_problems(["platform_name"])
