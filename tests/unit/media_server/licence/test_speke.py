# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""SPEKE: only keys of the tenant's assets are returned; files, URLs and entities are not opened."""

from __future__ import annotations

import base64
import uuid
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

COMMON = "1077efec-c0b2-4d02-ace3-3c1e52e2fb4b"
WIDEVINE = "edef8ba9-79d6-4ace-a3c8-27dcd51d21ed"
NAMES = {"c": "urn:dashif:org:cpix", "p": "urn:ietf:params:xml:ns:keyprov:pskc"}


def kid_of(platform, tenant: str = "acme") -> uuid.UUID:
    return uuid.UUID(bytes=platform.services.assets.pointer(tenant, "intro")[0].version.kid)


def document(kid, content: str = "acme/intro", system: str = COMMON, version: str = "2.3", more: str = "") -> str:
    return f"""<cpix:CPIX contentId="{content}" version="{version}" xmlns:cpix="urn:dashif:org:cpix">
<cpix:ContentKeyList><cpix:ContentKey kid="{kid}" commonEncryptionScheme="cbcs"/></cpix:ContentKeyList>
<cpix:DRMSystemList><cpix:DRMSystem kid="{kid}" systemId="{system}"><cpix:PSSH/></cpix:DRMSystem></cpix:DRMSystemList>
{more}</cpix:CPIX>"""


def ask(client, platform, body, speke: str | None = "2.0", headers=None):
    said = {"Content-Type": "application/xml"} | ({"X-Speke-Version": speke} if speke else {})
    headers = platform.header() if headers is None else headers
    return client.post("/v1/speke/v2/copyProtection", content=body, headers=headers | said)


def test_a_vendor_gets_the_key_in_a_cpix_document(client, platform):
    kid = kid_of(platform)
    answer = ask(client, platform, document(kid))
    assert answer.status_code == 200, answer.text
    assert answer.headers["x-speke-version"] == "2.0"
    assert answer.headers["x-speke-user-agent"]
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"] == "application/xml"
    root = ElementTree.fromstring(answer.content)
    assert (root.get("contentId"), root.get("version")) == ("acme/intro", "2.3")
    stored, _etag = platform.services.assets.key("acme", "intro", 1)
    key = platform.services.content_keys.open("acme", stored)
    assert base64.b64decode(root.find(".//p:PlainValue", NAMES).text) == key
    assert base64.b64decode(root.find(".//c:ContentKey", NAMES).get("explicitIV")) == stored.iv
    pssh = base64.b64decode(root.find(".//c:PSSH", NAMES).text)
    assert (len(pssh), pssh[4:8], pssh[8]) == (52, b"pssh", 1)
    assert pssh[12:28] == uuid.UUID(COMMON).bytes
    assert pssh[32:48] == kid.bytes


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        ("other/intro", 403, "other-tenant"),
        ("acme/outro", 404, "no-asset"),
        ("acme", 400, "bad-cpix"),
        ("", 400, "bad-cpix"),
        ("acme/../other/intro", 400, "bad-cpix"),
        ("../intro", 400, "bad-name"),
        ("acme/INTRO", 400, "bad-name"),
        ("https://elsewhere.example/intro", 400, "bad-cpix"),
    ],
)
def test_the_content_id_is_a_tenants_asset(client, platform, content, status, code):
    refused = ask(client, platform, document(kid_of(platform), content))
    assert (refused.status_code, refused.json()["code"]) == (status, code)


def test_keys_of_other_tenants_are_not_returned(client, platform):
    refused = ask(client, platform, document(kid_of(platform, "other")))
    assert (refused.status_code, refused.json()["code"]) == (404, "no-key")
    for headers in ({}, platform.header("playback", asset="intro")):
        assert ask(client, platform, document(kid_of(platform)), headers=headers).status_code in (401, 403)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"system": WIDEVINE}, "drm-system-unsupported"),
        ({"system": str(uuid.uuid4())}, "bad-cpix"),
        ({"system": "x"}, "bad-cpix"),
        ({"version": "2.1"}, "bad-cpix"),
        ({"more": "<cpix:DeliveryDataList><cpix:DeliveryData/></cpix:DeliveryDataList>"}, "encrypted-keys-unsupported"),
        (
            {
                "more": '<cpix:ContentKeyPeriodList><cpix:ContentKeyPeriod id="p" index="1"/></cpix:ContentKeyPeriodList>'
            },
            "key-periods-unsupported",
        ),
    ],
)
def test_unsupported_requests_are_refused(client, platform, changed, code):
    refused = ask(client, platform, document(kid_of(platform), **changed))
    assert (refused.status_code in (400, 422), refused.json()["code"]) == (True, code)


@pytest.mark.parametrize("speke", [None, "1.0", "2.1", ""])
def test_another_version_of_speke_is_refused(client, platform, speke):
    assert ask(client, platform, document(kid_of(platform)), speke).json()["code"] == "speke-version"


BOMB = "<!DOCTYPE a [<!ENTITY a 'aaaaaaaaaa'>" + "".join(
    f"<!ENTITY {name} '{f'&{before};' * 10}'>" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE a [<!ENTITY x SYSTEM "http://169.254.169.254/latest/meta-data/">]>',
        '<!DOCTYPE a SYSTEM "http://169.254.169.254/a.dtd">',
        '<!DOCTYPE a [<!ENTITY % x SYSTEM "http://169.254.169.254/a.dtd"> %x;]>',
        "<!DOCTYPE a>",
        BOMB + "]>",
    ],
)
def test_entities_and_dtds_are_refused_unread(client, platform, monkeypatch, head):
    opened = []
    monkeypatch.setattr("socket.create_connection", lambda *asked, **_more: opened.append(asked))
    refused = ask(client, platform, head + document(kid_of(platform)))
    assert (refused.status_code, refused.json()["code"]) == (400, "bad-cpix")
    assert opened == []
    assert "root:" not in refused.text


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<",
        b"<a/>",
        b"\xff\xfe",
        b"{}",
        b'<CPIX xmlns="urn:dashif:org:cpix"/>',
        b"<a>" * 20000,
        b'<?xml version="1.0" encoding="klingon"?><a/>',
        b'<c:CPIX xmlns:c="urn:dashif:org:cpix" contentId="acme/intro" version="2.3"/>',
    ],
)
def test_anything_but_a_cpix_document_is_refused(client, platform, body):
    refused = ask(client, platform, body)
    assert (refused.status_code, refused.json()["code"]) == (400, "bad-cpix"), refused.text


PIECES = [
    "<cpix:ContentKey",
    ' kid="',
    "/>",
    "<cpix:ContentKeyList>",
    "</cpix:ContentKeyList>",
    "acme/intro",
    COMMON,
    "<!--",
    "-->",
    "&#0;",
]


@given(st.integers(0, 400), st.integers(0, 400), st.sampled_from(PIECES) | st.text(max_size=8))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=120)
def test_no_damage_to_a_document_crashes(client, platform, first, length, piece):
    text = document(kid_of(platform))
    damaged = text[:first] + piece + text[first + length :]
    answer = ask(client, platform, damaged.encode("utf-8", "surrogatepass"))
    assert answer.status_code in (200, 400, 403, 404, 422), answer.text
