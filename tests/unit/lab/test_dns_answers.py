# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import pytest

from lab.dns.answers import NOERROR, NXDOMAIN, SERVFAIL, answer
from lab.dns.probes import Check
from lab.dns.zones import Zone, Zones


def record(name: str, kind: str, *values: str, **more) -> dict:
    return {"Name": name, "Type": kind, "TTL": "30", "ResourceRecords": list(values)} | more


def failover(role: str, target: str, check: str) -> dict:
    return record("api.a.example.", "CNAME", target, Failover=role, HealthCheckId=check, SetIdentifier=role)


RECORDS = (
    record("a.example.", "NS", "ns-1.example.", "ns-2.example."),
    record("www.a.example.", "A", "192.0.2.1"),
    record("*.wild.a.example.", "TXT", '"any"'),
    failover("SECONDARY", "two.a.example.", "second"),
    failover("PRIMARY", "one.a.example.", "first"),
    record("one.a.example.", "A", "192.0.2.11"),
    record("two.a.example.", "A", "192.0.2.12"),
    record("out.a.example.", "CNAME", "elsewhere.test."),
    record("child.a.example.", "NS", "ns.elsewhere.test."),
)
ZONES = Zones([Zone("Z1", "a.example.", RECORDS)])


def ask(name: str, kind: str, zones: Zones = ZONES, ill: tuple[str, ...] = ()) -> tuple[int, list[str]]:
    found = answer(zones, name, kind, lambda check: check not in ill)
    return found.code, [value for section in found.sections for value in section.values]


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        ("WWW.a.example", "A", (NOERROR, ["192.0.2.1"])),
        ("www.a.example.", "TXT", (NOERROR, [])),
        ("a.example.", "NS", (NOERROR, ["ns-1.example.", "ns-2.example."])),
        ("no.a.example.", "A", (NXDOMAIN, [])),
        ("wild.a.example.", "A", (NOERROR, [])),
        ("x.wild.a.example.", "TXT", (NOERROR, ['"any"'])),
        ("out.a.example.", "A", (NOERROR, ["elsewhere.test."])),
        ("child.a.example.", "NS", (NOERROR, ["ns.elsewhere.test."])),
        ("www.child.a.example.", "A", (SERVFAIL, [])),
        ("www.b.example.", "A", (NXDOMAIN, [])),
        ("www.a.test.", "A", (NXDOMAIN, [])),
    ],
)
def test_a_resolver_answers_as_on_the_internet(name, kind, expected):
    assert ask(name, kind) == expected


@pytest.mark.parametrize(
    ("ill", "target"),
    [((), "one"), (("first",), "two"), (("second",), "one"), (("first", "second"), "one")],
)
def test_failover_answers_with_what_is_healthy_and_with_the_primary_where_nothing_is(ill, target):
    address = {"one": "192.0.2.11", "two": "192.0.2.12"}[target]
    assert ask("api.a.example.", "A", ill=ill) == (NOERROR, [f"{target}.a.example.", address])


@pytest.mark.parametrize(("servers", "code"), [(("ns-1.sub.",), NOERROR), (("ns.other.",), SERVFAIL), ((), NXDOMAIN)])
def test_a_child_zone_is_found_where_its_parent_names_its_servers(servers, code):
    child = Zone(
        "Z2",
        "sub.a.example.",
        (record("sub.a.example.", "NS", "ns-1.sub."), record("x.sub.a.example.", "A", "192.0.2.9")),
    )
    parent = Zone("Z1", "a.example.", (record("sub.a.example.", "NS", *servers),) if servers else ())
    assert ask("x.sub.a.example.", "A", Zones([child, parent]))[0] == code


def test_a_check_changes_its_mind_after_its_threshold_in_both_directions():
    check = Check({"FailureThreshold": 2})
    results = [False, True, False, False, True, True]
    assert [check.note(sound, "") for sound in results] == [False, False, False, True, False, True]
    assert check.healthy


def test_names_that_aws_gave_are_answered_and_lead_into_their_vpc():
    hosts = {"lb-1.me-west-1.elb.amazonaws.com": {"address": "10.0.0.9", "network": "vpc-1"}}
    records = (record("media.a.example.", "CNAME", "lb-1.me-west-1.elb.amazonaws.com"),)
    zones = Zones([Zone("Z1", "a.example.", records)], hosts)
    assert ask("media.a.example.", "A", zones) == (NOERROR, ["lb-1.me-west-1.elb.amazonaws.com", "10.0.0.9"])
    assert ask("dualstack.lb-1.me-west-1.elb.amazonaws.com", "A", zones) == (NOERROR, ["10.0.0.9"])
    assert ask("lb-2.me-west-1.elb.amazonaws.com", "A", zones) == (NXDOMAIN, [])
    assert (zones.network("10.0.0.9"), zones.network("10.0.0.8")) == ("vpc-1", None)
