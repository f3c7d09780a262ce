# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Calls to KMS are bound to their tenant, to the region's replica, and to a rate. KMS is simulated."""

from __future__ import annotations

import pytest
from media_server.errors import ConflictError, UnavailableError
from media_server.keys.kms import KmsKeys, WrappedKey, arn_in_region, same_key
from media_server.keys.wrapping import WrongKeyError
from media_server.store.retries import Retries

from tests.support.media_fakes import FakeKms, refused

MULTI = "arn:aws:kms:me-west-1:000000000000:key/mrk-1"
SINGLE = "arn:aws:kms:me-west-1:000000000000:key/1"


def test_a_reader_uses_its_own_regions_replica():
    here = FakeKms()
    arn = here.new_key("a")
    made = KmsKeys(here, "me-west-1").generate(arn, "acme")
    there = KmsKeys(here.replica("eu-central-1"), "eu-central-1")
    assert there.decrypt(WrappedKey(made.wrapped, made.kms_key_arn), "acme") == made.plaintext


def test_a_single_region_key_is_refused():
    assert arn_in_region(MULTI, "eu-central-1") == MULTI.replace("me-west-1", "eu-central-1")
    assert arn_in_region(SINGLE, "me-west-1") == SINGLE
    with pytest.raises(ConflictError, match="replica"):
        arn_in_region(SINGLE, "eu-central-1")


def test_replicas_are_the_same_key():
    assert same_key(MULTI, arn_in_region(MULTI, "eu-central-1"))
    assert not same_key(SINGLE, SINGLE.replace("me-west-1", "eu-central-1"))
    assert not same_key(MULTI, MULTI.replace("mrk-1", "mrk-2"))


def test_another_tenants_key_and_a_disabled_one_are_refused():
    fake = FakeKms()
    kms = KmsKeys(fake, "me-west-1")
    made = kms.generate(fake.new_key("a"), "acme")
    with pytest.raises(WrongKeyError):
        kms.decrypt(made, "other")
    fake.disabled.add("mrk-a")
    with pytest.raises(ConflictError, match="DisabledException"):
        kms.decrypt(made, "acme")
    with pytest.raises(ConflictError, match="Disabled"):
        kms.resolve(made.kms_key_arn)


def test_throttled_calls_are_retried_and_counted():
    fake, answers = FakeKms(), [True, True, False]
    arn = fake.new_key("a")

    def throttle(operation):
        if answers.pop(0):
            raise refused("ThrottlingException", 400, operation)

    fake.fault = throttle
    kms = KmsKeys(fake, "me-west-1", retries=Retries(sleep=lambda _seconds: None))
    kms.generate(arn, "acme")
    assert kms.calls == {"generate_data_key": 3}


def test_the_deadline_ends_the_retries_and_names_the_call():
    fake, time = FakeKms(), [0.0]
    arn = fake.new_key("a")

    def throttle(operation):
        time[0] += 1
        raise refused("ThrottlingException", 400, operation)

    fake.fault = throttle
    retries = Retries(deadline_s=10, clock=lambda: time[0], sleep=lambda _seconds: None)
    with pytest.raises(UnavailableError, match=r"key for tenant acme in me-west-1.*ThrottlingException") as told:
        KmsKeys(fake, "me-west-1", retries=retries).generate(arn, "acme")
    assert told.value.status == 503
    assert time[0] <= 11


def test_nothing_secret_is_in_a_repr():
    fake = FakeKms()
    made = KmsKeys(fake, "me-west-1").generate(fake.new_key("a"), "acme")
    assert repr(made.plaintext) not in repr(made)
    assert "wrapped" not in repr(made)
