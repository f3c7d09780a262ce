# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import dataclasses

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._acm_public_certificate import checks, issue
from ansible_collections.knowledgecity.platform.plugins.module_utils._acm_public_certificate.model import (
    Certificate,
    Current,
    Hosted,
    Options,
    Wanted,
    find,
    plan_absent,
    plan_certificate,
    plan_records,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._acm_public_certificate.results import results
from ansible_collections.knowledgecity.platform.plugins.module_utils._route53 import RecordSet, Zone

TAGS = {"platform": "kc", "environment": "test", "tier": "dns"}
OPTIONS = Options(match_tags=("platform", "environment"))
WANTED = Wanted("learn.example", ("*.learn.example", "learn.example"), "me-west-1", zone="learn.example", tags=TAGS)
TOKEN = "_0123456789abcdef0123456789abcdef"
RECORD = RecordSet(f"{TOKEN}.learn.example.", "CNAME", ("_x.abc.acm-validations.aws.",), 300)
ZONE = Zone("Z123456", "learn.example.")


def certificate(**changes) -> Certificate:
    made = Certificate(
        arn="arn:aws:acm:me-west-1:111122223333:certificate/a",
        region="me-west-1",
        status="ISSUED",
        domain_name="learn.example",
        names=WANTED.names,
        tags=TAGS,
        records={"learn.example": RECORD},
    )
    return dataclasses.replace(made, **changes)


def current(*certificates: Certificate, held: tuple[RecordSet, ...] = (), zones: tuple[Zone, ...] = (ZONE,)) -> Current:
    return Current(certificates, {"learn.example": Hosted(zones, held)})


def texts(*entries: Wanted, state: Current, options: Options = OPTIONS) -> str:
    return " ".join(finding.text for finding in checks.findings(entries, state, options))


def test_an_entry_is_one_certificate_a_region_with_sorted_names():
    entry = {
        "domain_name": "Learn.example.",
        "subject_alternative_names": ["*.learn.example", "learn.example"],
        "regions": ["me-west-1", "us-east-1", "me-west-1"],
        "key_algorithm": "RSA_2048",
        "validation_zone": "learn.example",
        "tags": {"platform": "kc"},
    }
    made = Wanted.from_options(entry)
    assert [item.region for item in made] == ["me-west-1", "us-east-1"]
    assert made[0].names == ("*.learn.example", "learn.example")
    assert made[0].bases == ["learn.example"]


@pytest.mark.parametrize(
    ("changes", "usable"),
    [
        ({}, True),
        ({"status": "PENDING_VALIDATION"}, True),
        ({"tags": TAGS | {"tier": "other", "extra": "1"}}, True),
        ({"status": "FAILED"}, False),
        ({"status": "EXPIRED"}, False),
        ({"status": "VALIDATION_TIMED_OUT"}, False),
        ({"names": ("learn.example",)}, False),
        ({"key_algorithm": "EC_prime256v1"}, False),
        ({"region": "us-east-1"}, False),
        ({"tags": {"platform": "other", "environment": "test"}}, False),
        ({"tags": {}}, False),
        # https://github.com/hashicorp/terraform/issues/19314
        ({"by_dns": False, "records": {}}, False),
    ],
)
def test_only_a_usable_certificate_of_ours_is_taken(changes, usable):
    state = current(certificate(**changes))
    assert (find(WANTED, state, OPTIONS) is not None) == usable
    created = [change.action for change in plan_certificate(WANTED, state, OPTIONS)] == ["create"]
    assert created != usable


def test_of_several_the_one_in_use_and_then_the_issued_one_is_taken():
    pending = certificate(arn="a", status="PENDING_VALIDATION")
    issued, used = certificate(arn="b"), certificate(arn="c", in_use_by=("balancer",))
    assert find(WANTED, current(pending, issued), OPTIONS).arn == "b"
    assert find(WANTED, current(pending, issued, used), OPTIONS).arn == "c"


def test_tags_change_in_place_and_are_left_alone_where_none_are_stated():
    state = current(certificate(tags=TAGS | {"extra": "1"}))
    (change,) = plan_certificate(WANTED, state, OPTIONS)
    assert (change.action, change.after) == ("update", {"Tags": TAGS})
    assert plan_certificate(WANTED, state, dataclasses.replace(OPTIONS, purge_tags=False)) == []
    assert plan_certificate(dataclasses.replace(WANTED, tags=None), state, OPTIONS) == []


def test_one_record_serves_all_regions_and_a_wildcard():
    entries = [WANTED, dataclasses.replace(WANTED, region="us-east-1")]
    assert [change.resource for change in plan_records(entries, current())] == ["validation record of learn.example"]
    assert plan_records(entries, current(certificate(), held=(RECORD,))) == []


def test_a_record_that_was_left_is_foreseen_before_acm_tells_it():
    assert plan_records([WANTED], current(held=(RECORD,))) == []
    stranger = dataclasses.replace(RECORD, name=f"{TOKEN}.other.learn.example.")
    assert len(plan_records([WANTED], current(held=(stranger,)))) == 1


def test_an_issued_certificate_keeps_its_record_for_its_renewal():
    assert len(plan_records([WANTED], current(certificate()))) == 1


def test_absent_takes_the_record_before_the_certificate_that_knows_it():
    absent = dataclasses.replace(OPTIONS, present=False)
    changes = plan_absent([WANTED], current(certificate(), held=(RECORD,)), absent)
    assert [change.kind for change in changes] == ["validation record", "certificate"]


@pytest.mark.parametrize(
    ("other", "kept"),
    [
        (certificate(arn="b", region="us-east-1"), True),
        (certificate(arn="b", tags={}), True),
        (certificate(arn="b", region="us-east-1", status="FAILED"), False),
        (certificate(arn="b", status="FAILED"), False),  # ours: goes too
        (certificate(arn="b", in_use_by=("balancer",)), True),
    ],
)
def test_a_record_that_another_certificate_needs_stays(other, kept):
    absent = dataclasses.replace(OPTIONS, present=False)
    changes = plan_absent([WANTED], current(certificate(), other, held=(RECORD,)), absent)
    assert (not any(change.kind == "validation record" for change in changes)) == kept


@pytest.mark.parametrize("names", [["learn.example", "Z123456"], ["Z123456", "learn.example"]])
def test_a_zone_named_in_two_ways_is_told_as_it_was_named_first(names):
    state = Current((certificate(),), {name: Hosted((ZONE,), (RECORD,)) for name in names})
    entries = [dataclasses.replace(WANTED, zone=name) for name in names]
    record, *_certificates = plan_absent(entries, state, dataclasses.replace(OPTIONS, present=False))
    assert record.before["Zone"] == names[0]


def test_a_record_with_another_value_is_not_removed():
    absent = dataclasses.replace(OPTIONS, present=False)
    held = dataclasses.replace(RECORD, values=("other.example.",))
    changes = plan_absent([WANTED], current(certificate(), held=(held,)), absent)
    assert [change.kind for change in changes] == ["certificate"]


def test_what_is_in_the_way_is_said_all_at_once():
    outside = dataclasses.replace(WANTED, domain_name="other.test", names=("other.test",))
    no_zone = dataclasses.replace(WANTED, region="us-east-1", zone=None)
    found = texts(WANTED, WANTED, outside, no_zone, state=current())
    assert "is stated 2 times" in found
    assert "other.test is not in the zone learn.example" in found
    assert "validation_zone) is missing" in found


@pytest.mark.parametrize(
    ("zones", "text"),
    [
        ((), "there is no hosted zone"),
        ((dataclasses.replace(ZONE, private=True),), "is private"),
        (
            (ZONE, dataclasses.replace(ZONE, zone_id="Z654321")),
            "There are 2 public hosted zones learn.example: Z123456, Z654321",
        ),
    ],
)
def test_the_zone_must_be_the_one_that_public_dns_uses(zones, text):
    assert text in texts(WANTED, state=current(zones=zones))


@pytest.mark.parametrize(
    "held", [RecordSet(RECORD.name, "TXT", ('"x"',)), RecordSet(RECORD.name, "CNAME", ("other.example.",))]
)
def test_a_conflicting_record_is_named_with_the_one_that_is_wanted(held):
    found = texts(WANTED, state=current(certificate(status="PENDING_VALIDATION"), held=(held,)))
    assert f"Wanted: {RECORD}. There: {held}" in found


def test_a_record_changed_while_it_is_waited_for_is_hopeless():
    pending = certificate(status="PENDING_VALIDATION")
    assert list(issue.hopeless(WANTED, current(pending, held=(RECORD,)), OPTIONS)) == []
    (text,) = issue.hopeless(WANTED, current(pending), OPTIONS)
    assert str(RECORD) in text
    assert "There: nothing" in text


def test_a_failed_certificate_says_why():
    failed = certificate(status="FAILED", failure_reason="CAA_ERROR")
    (text,) = issue.hopeless(WANTED, current(failed, held=(RECORD,)), OPTIONS)
    assert "is FAILED (CAA_ERROR)" in text


def test_what_is_overdue_names_the_record_and_the_servers():
    state = current(certificate(status="PENDING_VALIDATION"), held=(RECORD,))
    text = issue.overdue([WANTED], state, 30, lambda _zone: ["ns-1.example", "ns-2.example"])
    assert "Not issued after 30 s: certificate of learn.example in me-west-1" in text
    assert str(RECORD) in text
    assert "exactly the servers ns-1.example, ns-2.example" in text


@pytest.mark.parametrize(
    ("status", "check_mode", "arn"),
    [
        ("ISSUED", False, certificate().arn),
        ("ISSUED", True, certificate().arn),
        ("PENDING_VALIDATION", False, None),
        ("PENDING_VALIDATION", True, "arn:aws:acm:me-west-1:000000000000:certificate/made-by-the-run"),
    ],
)
def test_an_arn_is_told_only_when_it_can_be_used(status, check_mode, arn):
    told = results([WANTED], current(certificate(status=status)), OPTIONS, check_mode=check_mode)
    assert told["arns"] == {"learn.example": {"me-west-1": arn}}
    assert (told["certificates"][0]["pending_arn"] is None) == (status == "ISSUED")


def test_the_token_outlives_a_run_but_not_what_it_led_to():
    assert WANTED.token(OPTIONS) == dataclasses.replace(WANTED, tags=TAGS | {"tier": "x"}).token(OPTIONS)
    assert (
        len(
            {
                WANTED.token(OPTIONS),
                WANTED.token(OPTIONS, "arn"),
                dataclasses.replace(WANTED, region="x").token(OPTIONS),
            }
        )
        == 3
    )
    assert len(WANTED.token(OPTIONS)) == 32


def test_an_imported_certificate_is_neither_taken_nor_deleted():
    """It has no validation records to wait for, and isn't ours, whatever its tags are."""
    imported = certificate(by_dns=False, records={})
    assert plan_absent([WANTED], current(imported), OPTIONS) == []
    (change,) = plan_certificate(WANTED, current(imported), OPTIONS)
    assert change.action == "create"
