# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""What the settings' checks find: each fault by itself, values of wrong types, and nothing in sound settings."""

from __future__ import annotations

import copy

import pytest
import yaml
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_preflight.findings import (
    Problem,
    did_you_mean,
    joined,
    merged,
    numbered,
)
from ansible_collections.knowledgecity.platform.plugins.plugin_utils.settings.checks import SETTINGS, problems_of

from lab.settings import CHECKOUT

HOSTS = {"me-west-1": "me-west-1", "eu-central-1": "eu-central-1"}
KNOWN = {"me-west-1", "me-central-1", "eu-central-1", "eu-west-1", "us-east-1"}
OPTIONAL = {"platform_endpoints", "platform_expected_environment", "platform_protected"}


@pytest.fixture
def settings() -> dict:
    return {
        "platform_name": "kc",
        "platform_environment": "production",
        "platform_domain": "learn.example.com",
        "platform_account_id": "012345678901",
        "platform_regions": {"me-west-1": {"cidr": "10.10.0.0/16"}, "eu-central-1": {"cidr": "10.20.0.0/16"}},
        "platform_initial_primary": "me-west-1",
        "platform_residency": {"acknowledged": True, "acknowledged_by": "A. Name, 2026-11-01"},
    }


def found(settings: dict, hosts=None) -> dict[str, str]:
    """Problems by setting; fails on two of one setting."""
    findings = [each for each in problems_of(settings, hosts or HOSTS, KNOWN) if not each.warning]
    assert len({each.setting for each in findings}) == len(findings), findings
    return {each.setting: each.problem for each in findings}


def warned(settings: dict) -> dict[str, str]:
    return {each.setting: each.problem for each in problems_of(settings, HOSTS, KNOWN) if each.warning}


def test_sound_settings(settings):
    assert problems_of(settings, HOSTS, KNOWN) == []


def test_nothing_is_altered(settings):
    before = copy.deepcopy(settings)
    problems_of(settings, HOSTS, KNOWN)
    assert settings == before


def test_the_environment_that_a_run_expects_must_be_this_one(settings):
    settings["platform_expected_environment"] = settings["platform_environment"]
    assert not found(settings)
    settings["platform_expected_environment"] = "another"
    assert "'another', but this inventory describes" in found(settings)["platform_expected_environment"]


def test_all_missing_is_reported_at_once():
    missing = found({})
    assert set(missing) == set(SETTINGS) - OPTIONAL
    assert all("missing" in problem for problem in missing.values())


@pytest.mark.parametrize("value", [0, 1.5, True, False, "", " ", "x", [], ["x"], {}, {"x": None}, {1: 2}, None])
@pytest.mark.parametrize("setting", SETTINGS)
def test_a_value_of_any_type_is_no_traceback(settings, setting, value):
    settings[setting] = value
    findings = problems_of(settings, HOSTS, KNOWN)
    harmless = (
        (setting, value) in {("platform_protected", True), ("platform_protected", False)} if value in (0, 1) else False
    )
    optional = setting in OPTIONAL
    if not (optional and value in (None, {}, True, False)) and not harmless:
        assert any(each.setting.startswith(setting) for each in findings), (setting, value, findings)
    assert all(each.fix and each.problem for each in findings)


@pytest.mark.parametrize("entry", [None, [], "10.10.0.0/16", 5, True])
def test_a_region_that_is_no_mapping(settings, entry):
    settings["platform_regions"]["me-west-1"] = entry
    assert "must be a mapping" in found(settings)["platform_regions['me-west-1']"]


@pytest.mark.parametrize("name", ["KC", "k", "1kc", "-kc", "kc-", "k--c", "k_c", "kc.x", "a" * 21, "kç"])
def test_names_that_begin_no_bucket(settings, name):
    settings["platform_name"] = name
    assert "can't begin" in found(settings)["platform_name"]


@pytest.mark.parametrize("name", ["kc", "a1", "knowledge-city-x1", "a" * 20])
def test_names_that_do(settings, name):
    settings["platform_name"] = name
    assert found(settings) == {}


def test_derived_names_have_a_limit(settings):
    """20 + 1 + 12 + 1 + 12 (eu-central-1) + 1 + 17 is 64, one more than S3 takes."""
    settings |= {"platform_name": "a" * 20, "platform_environment": "b" * 12}
    assert "has 64 characters" in found(settings)["platform_name"]
    settings["platform_environment"] = "b" * 11
    assert found(settings) == {}


@pytest.mark.parametrize(
    "domain",
    ["localhost", "https://a.example", "a.example/", "a.example:443", "a.example.", "A.example", "a_b.example", "10.0.0.1",
     "-a.example", f"{'a' * 64}.example", ".example", "a..example"],
)  # fmt: skip
def test_no_domains(settings, domain):
    settings["platform_domain"] = domain
    assert "not a domain name" in found(settings)["platform_domain"]


def test_an_account_id_without_quotes(settings):
    settings["platform_account_id"] = yaml.safe_load("012345670123")
    assert "leading zeros" in found(settings)["platform_account_id"]


@pytest.mark.parametrize("account", ["12345678901", "1234567890123", "1234-5678-9012", "<account>"])
def test_no_account_ids(settings, account):
    settings["platform_account_id"] = account
    assert "not an AWS account ID" in found(settings)["platform_account_id"]


@pytest.mark.parametrize(
    ("cidr", "words"),
    [
        ("10.10.0.0", "not an IPv4 range"),
        ("10.10.0.0/33", "not an IPv4 range"),
        ("fd00::/16", "not an IPv4 range"),
        (10, "not an IPv4 range"),
        (["10.10.0.0/16"], "not an IPv4 range"),
        ("11.0.0.0/16", "not a private range"),
        ("172.32.0.0/16", "not a private range"),
        ("10.0.0.0/8", "more addresses than a VPC may have"),
        ("10.10.0.0/19", "too few addresses"),
        ("10.10.1.0/16", "inside its range"),
        (None, "is missing"),
        ("", "is missing"),
    ],
)
def test_ranges(settings, cidr, words):
    settings["platform_regions"]["me-west-1"]["cidr"] = cidr
    assert words in found(settings)["platform_regions['me-west-1'].cidr"]


@pytest.mark.parametrize("cidr", ["10.10.0.0/16", "10.10.128.0/17", "10.10.64.0/18"])
def test_overlapping_ranges_are_both_named(settings, cidr):
    settings["platform_regions"]["eu-central-1"]["cidr"] = cidr
    problem = found(settings)["platform_regions['eu-central-1'].cidr"]
    assert f"{cidr} of eu-central-1 overlaps 10.10.0.0/16 of me-west-1" in problem


def test_ranges_that_touch_do_not_overlap(settings):
    settings["platform_regions"]["me-west-1"]["cidr"] = "10.10.0.0/17"
    settings["platform_regions"]["eu-central-1"]["cidr"] = "10.10.128.0/17"
    assert found(settings) == {}


def test_a_slip_in_a_key(settings):
    settings["platform_regions"]["me-west-1"] = {"cdir": "10.10.0.0/16"}
    problems = found(settings)
    assert "Did you mean cidr?" in problems["platform_regions['me-west-1'].cdir"]
    assert "is missing" in problems["platform_regions['me-west-1'].cidr"]


@pytest.mark.parametrize("region", ["frankfurt", "eu_central_1", "eu-central-1a", "EU-CENTRAL-1", 7])
def test_names_that_are_no_regions(settings, region):
    settings["platform_regions"][region] = {"cidr": "10.30.0.0/16"}
    problems = found(settings, HOSTS | {region: region})
    assert "not the name of an AWS region" in problems[f"platform_regions['{region}']"]


def test_a_region_the_sdk_does_not_know(settings):
    settings["platform_regions"]["eu-centrl-1"] = settings["platform_regions"].pop("eu-central-1")
    assert "Did you mean eu-central-1?" in warned(settings)["platform_regions['eu-centrl-1']"]


def test_one_region_is_worth_a_warning(settings):
    del settings["platform_regions"]["eu-central-1"]
    assert found(settings, {"me-west-1": "me-west-1"}) == {}
    assert "1 region(s)" in warned(settings)["platform_regions"]


def test_hosts_and_regions_must_agree(settings):
    problems = found(settings, {"me-west-1": "me-west-1", "eu-centrl-1": "eu-centrl-1"})
    assert "no host eu-central-1. Did you mean eu-centrl-1?" in problems["platform_regions['eu-central-1']"]
    assert "no entry for eu-centrl-1" in problems["platform_regions"]


@pytest.mark.parametrize("aws_region", ["eu-central-1", None])
def test_a_host_is_named_by_its_region(settings, aws_region):
    assert "me-west-1" in found(settings, HOSTS | {"me-west-1": aws_region})["aws_region"]


def test_the_primary_is_one_of_the_regions(settings):
    settings["platform_initial_primary"] = "me-west1"
    assert "Did you mean me-west-1?" in found(settings)["platform_initial_primary"]


@pytest.mark.parametrize(
    ("residency", "setting"),
    [
        ({"acknowledged": False, "acknowledged_by": ""}, "platform_residency.acknowledged"),
        ({"acknowledged": "true", "acknowledged_by": "x"}, "platform_residency.acknowledged"),
        ({"acknowledged_by": "x"}, "platform_residency.acknowledged"),
        ({"acknowledged": True}, "platform_residency.acknowledged_by"),
        ({"acknowledged": True, "acknowledged_by": " "}, "platform_residency.acknowledged_by"),
        ({"acknowledged": True, "acknowledged_by": ["x"]}, "platform_residency.acknowledged_by"),
        (True, "platform_residency"),
    ],
)
def test_residency_is_acknowledged_by_somebody(settings, residency, setting):
    settings["platform_residency"] = residency
    assert set(found(settings)) == {setting}


def test_residency_keys(settings):
    settings["platform_residency"]["acknowleged"] = True
    assert "Did you mean acknowledged?" in found(settings)["platform_residency.acknowleged"]


@pytest.mark.parametrize("url", ["127.0.0.1:4566", "ftp://a.example", "https://", "https://a.example:x", 5, None, ""])
def test_endpoints_are_urls(settings, url):
    settings["platform_endpoints"] = {"me-west-1": url}
    assert "not the URL of an API" in found(settings)["platform_endpoints['me-west-1']"]


def test_endpoints_of_regions_that_are_used(settings):
    urls = dict.fromkeys([*HOSTS, "us-east-1"], "https://127.0.0.1:4566")
    settings["platform_endpoints"] = urls
    assert problems_of(settings, HOSTS, KNOWN) == []
    settings["platform_endpoints"] = urls | {"me-west1": "https://127.0.0.1:4566"}
    assert "Did you mean me-west-1?" in warned(settings)["platform_endpoints['me-west1']"]


def test_a_slip_in_a_settings_name(settings):
    settings["platform_domian"] = settings.pop("platform_domain")
    assert set(found(settings)) == {"platform_domain"}
    assert "Did you mean platform_domain?" in warned(settings)["platform_domian"]


@pytest.mark.parametrize("environment", ["lab", "staging", "production"])
def test_the_inventories_settings_are_known(environment):
    """No inventory of the repository has a setting that the checks would take for a slip of the pen."""
    file = CHECKOUT / "inventories" / environment / "group_vars" / "all" / "platform.yml"
    settings = yaml.safe_load(file.read_text())
    assert warned(settings) == {}
    unset = {"platform_account_id", "platform_domain", "platform_residency.acknowledged"}
    assert set(found(settings)) == (set() if environment == "lab" else unset)


def test_every_setting_is_explained():
    page = (CHECKOUT / "docs" / "settings.md").read_text()
    assert [name for name in SETTINGS if f"`{name}`" not in page] == []


def test_findings_of_several_places_are_one():
    one, other = (Problem("a", "is wrong", "fix it", where) for where in ("here", "there"))
    assert merged([one, Problem("b", "too", "fix it"), other, one]) == [
        Problem("a", "is wrong", "fix it", "here and there"),
        Problem("b", "too", "fix it"),
    ]


def test_the_report_is_numbered_and_keeps_long_names_whole():
    long = "x" * 150
    text = numbered([Problem("a", f"is {long}", "fix it", "here"), Problem("b", "too", "fix it")])
    assert text.splitlines()[0].startswith(" 1. a: is")
    assert long in text
    assert " 2. b: too" in text
    assert text.count("Fix: fix it") == 2
    assert text.count("Where:") == 1


def test_words():
    assert joined([]) == "none"
    assert joined(["a"]) == "a"
    assert joined(["a", 2, "c"]) == "a, 2 and c"
    assert did_you_mean("zzz", ["abc"]) == ""
