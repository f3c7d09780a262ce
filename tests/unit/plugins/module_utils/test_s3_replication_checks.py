# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import dataclasses

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._s3_replication.checks import (
    Destination,
    Source,
    check_configuration,
    check_destination,
    check_entries,
    check_source,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._s3_replication.model import (
    Configuration,
    Replication,
)

KEY = "arn:aws:kms:eu-central-1:111122223333:key/1234"
ENTRY = Replication("me-media", "eu-media", "eu-central-1", role_arn="arn:aws:iam::111122223333:role/r")
SOUND = Destination("present", "Enabled", "eu-central-1", None)


def entry(**options) -> Replication:
    return dataclasses.replace(ENTRY, **options)


def test_a_sound_entry_has_no_findings():
    assert check_entries([entry(destination_kms_key=KEY, replication_time_control=True)]) == []
    assert check_configuration([ENTRY], Configuration(), purge=True) == []
    assert check_source("me-media", Source("Enabled", "AES256"), [ENTRY], "me-west-1") == []
    assert check_source("me-media", Source("Enabled", None), [ENTRY], "me-west-1") == []
    assert check_destination(ENTRY, SOUND) == []


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"destination_bucket": "me-media"}, "to itself"),
        ({"role_arn": None}, "no role"),
        ({"replication_time_control": True, "metrics": False}, "needs O(replications[].metrics)"),
        ({"destination_kms_key": KEY, "replicate_encrypted": False}, "has no effect"),
        ({"destination_kms_key": "alias/storage"}, "is no ARN"),
        ({"destination_kms_key": KEY.replace("eu-central-1", "me-west-1")}, "is in me-west-1, but must be in"),
        ({"prefixes": ("a/", "b/", "a/")}, "prefix 'a/' to eu-media is stated 2 times"),
    ],
)
def test_what_an_entry_gets_wrong(options, text):
    (finding,) = check_entries([entry(**options)])
    assert (finding.kind, finding.subject) == ("wrong", "me-media")
    assert text in finding.text


def test_all_that_is_wrong_is_found():
    entries = [entry(role_arn=None, metrics=False, replication_time_control=True), entry(destination_kms_key="x")]
    texts = [finding.text for finding in check_entries(entries)]
    assert len(texts) == 4  # the whole bucket is also stated twice
    assert any("no role" in text for text in texts)


def test_a_bucket_has_one_role():
    other = entry(destination_bucket="third", role_arn="arn:aws:iam::111122223333:role/second")
    (finding,) = check_entries([ENTRY, other])
    assert "role/r, arn:aws:iam::111122223333:role/second" in finding.text


def test_priorities_must_differ_also_from_those_that_are_kept():
    entries = [entry(priority=3), entry(destination_bucket="third", priority=3)]
    (finding,) = check_configuration(entries, Configuration(), purge=True)
    assert "priority 3: eu-media, third" in finding.text
    kept = {"ID": "x", "Priority": 3, "Status": "Enabled", "Filter": {}, "Destination": {"Bucket": "arn:aws:s3:::y"}}
    current = Configuration(role="r", rules=(kept,))
    assert check_configuration([entry(priority=3)], current, purge=True) == []
    assert len(check_configuration([entry(priority=3)], current, purge=False)) == 1


def test_s3_takes_a_thousand_rules():
    many = entry(prefixes=tuple(f"{number}/" for number in range(1001)))
    (finding,) = check_configuration([many], Configuration(), purge=True)
    assert "1001 rules" in finding.text


@pytest.mark.parametrize("source", [None, Source(None, None), Source("Suspended", None)])
def test_a_source_that_is_not_ready_may_still_be_made(source):
    (finding,) = check_source("me-media", source, [ENTRY], "me-west-1")
    assert finding.kind == "not_yet"
    assert "me-media" in finding.text
    assert "me-west-1" in finding.text


@pytest.mark.parametrize("algorithm", ["aws:kms", "aws:kms:dsse"])
def test_a_source_under_kms_needs_a_destination_key(algorithm):
    source = Source("Enabled", algorithm)
    (finding,) = check_source("me-media", source, [ENTRY], "me-west-1")
    assert finding.kind == "wrong"
    assert check_source("me-media", source, [entry(destination_kms_key=KEY)], "me-west-1") == []
    assert check_source("me-media", source, [entry(replicate_encrypted=False)], "me-west-1") == []


@pytest.mark.parametrize(
    ("changed", "kind", "text"),
    [
        ({"status": "absent"}, "not_yet_elsewhere", "does not exist"),
        ({"status": "unreachable", "error": "no answer"}, "unreachable", "no answer"),
        ({"status": "refused", "error": "403"}, "wrong", "403"),
        ({"versioning": None}, "not_yet", "not enabled"),
        ({"versioning": "Suspended"}, "not_yet", "Suspended"),
        ({"region": "us-east-1"}, "wrong", "really in us-east-1"),
        ({"key_state": "absent"}, "not_yet", "does not exist"),
        ({"key_state": "PendingDeletion"}, "wrong", "is PendingDeletion"),
    ],
)
def test_what_a_destination_shows(changed, kind, text):
    (finding,) = check_destination(entry(destination_kms_key=KEY), dataclasses.replace(SOUND, **changed))
    assert (finding.kind, finding.subject) == (kind, "me-media")
    assert text in finding.text
