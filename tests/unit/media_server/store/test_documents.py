# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Stored documents are read as they were written, and invalid ones are refused."""

from __future__ import annotations

import json

import pytest
from media_server.errors import BadInputError, UnprocessableError
from media_server.keys.documents import PreviousWraps, TenantKeyDocument, TenantKeyVersion
from media_server.store import layout, names
from media_server.store.assets import KeyDocument, MediaVersion, Pointer
from media_server.store.documents import to_bytes

KEY = KeyDocument(b"k" * 16, "cbcs", b"i" * 16, b"w" * 24, "0011223344", 3, "2026-11-25T00:00:00+00:00", "r1", 1, "r2")
POINTER = Pointer("acme", "film", 1, {1: MediaVersion(("a/init.mp4",), 5, "cenc", b"k" * 16)}, "now")
POINTER = POINTER.flipped(2, MediaVersion(("a/init.mp4",), 5, "cenc", b"l" * 16), "r1", "now")
TENANT = TenantKeyVersion(b"w" * 40, "arn", "now", None)
KEYS = TenantKeyDocument("acme", 1, {1: TENANT, 2: TENANT}, PreviousWraps("r", {1: TENANT}))


@pytest.mark.parametrize("document", [KEY, POINTER, KEYS], ids=lambda item: type(item).__name__)
def test_a_document_is_read_as_it_was_written(document):
    read = type(document).from_json("x", json.loads(to_bytes(document.to_json())))
    assert read == document


@pytest.mark.parametrize("document", [KEY, POINTER, KEYS], ids=lambda item: type(item).__name__)
def test_an_invalid_document_is_refused_without_quoting_it(document):
    whole = document.to_json()
    broken = [{}, [], "x", whole | {"schema": 2}]
    broken += [whole | {field: {"secret": 1}} for field in whole if field not in ("previous", "versions")]
    broken += [whole | {"current": True}, whole | {"current": 9}] if "current" in whole else [whole | {"alg": "none"}]
    for data in broken:
        with pytest.raises(UnprocessableError, match="x is not readable") as told:
            type(document).from_json("x", data)
        assert "secret" not in str(told.value)


def test_a_flip_keeps_the_previous_version_until_it_is_removed():
    assert (POINTER.current, POINTER.previous, sorted(POINTER.versions)) == (2, 1, [1, 2])
    assert POINTER.number_of(b"k" * 16) == 1
    final = POINTER.without(1)
    assert (final.current, final.previous, sorted(final.versions)) == (2, None, [2])


def test_previous_wraps_are_restored():
    rewrapped = KEYS.rewrapped({1: TENANT.wrap, 2: TENANT.wrap}, "r9")
    assert rewrapped.previous == PreviousWraps("r9", KEYS.versions)
    assert rewrapped.with_previous_wraps().versions == KEYS.versions
    assert sorted(KEYS.without_key(1).versions) == [2]
    assert KEYS.without_key(1).previous.versions == {}


@pytest.mark.parametrize("name", ["", "A", "-a", "a/b", "..", "a.b", "a" * 64, "ä", "a\n", None, 1])
def test_bad_names_are_refused(name):
    with pytest.raises(BadInputError):
        names.check_id("tenant", name)


@pytest.mark.parametrize("name", ["", "/a", "../a", "a/../b", "a//b", ".a", "a/.b", "a\\b", "a\n", "a/", None])
def test_bad_file_names_are_refused(name):
    with pytest.raises(BadInputError):
        names.check_file(name)


def test_names_of_objects():
    assert names.check_id("tenant", "a-1") == "a-1"
    assert names.check_file("video/1080p/init.mp4") == "video/1080p/init.mp4"
    assert layout.key_document("t", "a", 3) == "media/t/a/v3/key.json"
    assert [layout.version_number(item) for item in ("v12/", "v12", "v0", "x1", "v")] == [12, 12, None, None, None]
    assert layout.tenant_of_key("keys/acme.json") == "acme"
    assert layout.tenant_of_key("keys/acme/x.json") is None
