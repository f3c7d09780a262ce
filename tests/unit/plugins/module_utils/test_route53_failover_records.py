# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import dataclasses

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._route53 import (
    RecordSet,
    Zone,
    absolute,
    is_within,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._route53_failover_records.checks import findings
from ansible_collections.knowledgecity.platform.plugins.module_utils._route53_failover_records.model import (
    Check,
    Current,
    Owner,
    Wanted,
    plan,
    wanted_record,
)

OWNER = Owner("kc-test", {"platform": "kc"})
ENTRY = {
    "name": "api.learn.example",
    "ttl": 30,
    "targets": [{"region": "me-west-1", "host": "lb-1.example"}, {"region": "eu-central-1", "host": "lb-2.example"}],
    "health_check": {"type": "HTTPS", "port": 443, "path": "/health", "interval": 10, "threshold": 3},
}
WANTED = Wanted.from_options(ENTRY, "me-west-1")
ZONES = [Zone("Z123456", "learn.example.")]


def built(wanted: Wanted = WANTED) -> Current:
    """Return what a run leaves."""
    checks, records = [], []
    for number, target in enumerate(wanted.targets):
        check_id = f"check-{number}"
        key = OWNER.key(wanted, target)
        checks.append(Check(check_id, key, dict(target.check), OWNER.check_tags(wanted, target), 1))
        records.append(wanted_record(wanted, target, OWNER, check_id))
    return Current(tuple(records), tuple(checks))


def actions(*entries: Wanted, current: Current) -> list[str]:
    return [f"{change.action} {change.kind}" for change in plan(entries, current, OWNER)]


def entry(primary: str = "me-west-1", **changes) -> Wanted:
    health_check = ENTRY["health_check"] | changes.pop("health_check", {})
    return Wanted.from_options(ENTRY | changes | {"health_check": health_check}, primary)


def test_what_is_built_needs_no_change():
    assert actions(WANTED, current=built()) == []
    assert actions(WANTED, current=Current()) == ["create health check"] * 2 + ["create record"] * 2


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (entry(primary="eu-central-1"), ["update record"] * 2),
        (entry(ttl=60), ["update record"] * 2),
        (entry(health_check={"path": "/live"}), ["update health check"] * 2),
        (
            entry(health_check={"interval": 30}),
            ["create health check"] * 2 + ["update record"] * 2 + ["delete health check"] * 2,
        ),
        (
            entry(health_check={"type": "TCP"}),
            ["create health check"] * 2 + ["update record"] * 2 + ["delete health check"] * 2,
        ),
        (entry(targets=ENTRY["targets"][:1]), ["delete record", "delete health check"]),
    ],
)
def test_a_change_does_what_it_has_to_and_no_more(wanted, expected):
    assert actions(wanted, current=built()) == expected


def _drifted(**config) -> Current:
    current = built()
    first = dataclasses.replace(current.checks[0], config=dict(current.checks[0].config) | config)
    return dataclasses.replace(current, checks=(first, *current.checks[1:]))


@pytest.mark.parametrize(
    ("drift", "before", "after"),
    [
        ({"Disabled": True}, {"Disabled": True}, {"Disabled": False}),
        ({"Inverted": True}, {"Inverted": True}, {"Inverted": False}),
        (
            {"FullyQualifiedDomainName": "elsewhere.example"},
            {"FullyQualifiedDomainName": "elsewhere.example"},
            {"FullyQualifiedDomainName": "lb-1.example"},
        ),
        ({"Regions": ["us-east-1"]}, {"Regions": ["us-east-1"]}, {"Regions": None}),
    ],
)
def test_a_health_check_that_was_disabled_inverted_or_moved_is_changed_back(drift, before, after):
    (change,) = plan([WANTED], _drifted(**drift), OWNER)
    assert (change.action, change.kind, change.before, change.after) == ("update", "health check", before, after)


def test_a_health_check_of_another_kind_is_replaced():
    assert actions(WANTED, current=_drifted(IPAddress="192.0.2.1")) == [
        "create health check",
        "update record",
        "delete health check",
    ]


def test_what_route_53_leaves_out_is_at_its_default():
    current = built()
    bare = [
        dataclasses.replace(
            check, config={key: value for key, value in check.config.items() if key not in ("Disabled", "Inverted")}
        )
        for check in current.checks
    ]
    assert actions(WANTED, current=dataclasses.replace(current, checks=tuple(bare))) == []


def test_nothing_is_left_of_what_is_not_wanted_any_more():
    assert actions(current=built()) == ["delete record"] * 2 + ["delete health check"] * 2


def test_a_health_check_that_an_interrupted_run_left_is_used():
    left = dataclasses.replace(built().checks[0], tags={})
    expected = ["update health check", "create health check", "create record", "create record"]
    assert actions(WANTED, current=Current((), (left,))) == expected


def test_of_two_health_checks_the_one_in_use_stays():
    current = built()
    twin = dataclasses.replace(current.checks[0], check_id="a-twin")
    assert actions(WANTED, current=Current(current.record_sets, (twin, *current.checks))) == ["delete health check"]


def test_others_are_not_touched():
    longer = Owner("kc-test-2", {})
    stranger = wanted_record(WANTED, WANTED.targets[0], longer, "other")
    plain = RecordSet("www.learn.example.", "A", ("192.0.2.1",), 60)
    assert actions(current=Current((stranger, plain))) == []
    assert OWNER.key_of("kc-test-2:0123456789:01234567") is None
    assert OWNER.key_of("somebody-elses") is None
    assert OWNER.key_of("kc-test:0123456789:01234567") == "0123456789"


def test_without_a_target_in_the_active_region_the_other_one_answers():
    only = entry(targets=ENTRY["targets"][1:])
    assert only.failover(only.targets[0]) == "PRIMARY"


def test_all_problems_are_found():
    apex, outside = entry(name="learn.example"), entry(name="api.other.test")
    shapes = [entry(targets=[]), entry(name="b.learn.example", targets=[ENTRY["targets"][0]] * 2)]
    current = Current((RecordSet("c.learn.example.", "A", ("192.0.2.1",)),))
    found = findings([apex, outside, *shapes, entry(name="c.learn.example")], "learn.example", ZONES, current, OWNER)
    text = " ".join(finding.text for finding in found)
    for part in (
        "the zone's apex",
        "not in the zone",
        "no targets",
        "two targets in one region",
        "c.learn.example. A 192.0.2.1",
    ):
        assert part in text


def test_names_are_compared_as_dns_does():
    assert absolute(r"\052.Learn.example") == "*.learn.example."
    assert is_within("a.learn.example", "learn.example.")
    assert not is_within("alearn.example", "learn.example")
