# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Playback and keys over HTTP: for holders of the asset's token, and nobody else."""

from __future__ import annotations

import base64
import time
from urllib.parse import urlsplit

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from media_server.store import layout

from tests.support.media_content import SEGMENTS, clear_segment, openssl_cbc
from tests.support.media_service_fakes import ServiceS3


def ask(client, platform, name: str, token: str | None = None, **asked):
    token = token or platform.token("playback", asset="intro")
    return client.get(f"/v1/play/acme/intro/{name}", params={"token": token}, **asked)


def kid_of(platform, tenant: str = "acme") -> bytes:
    return platform.services.assets.pointer(tenant, "intro")[0].version.kid


def test_a_player_follows_urls_to_the_decrypted_picture(client, platform):
    master = ask(client, platform, "master.m3u8")
    assert master.headers["content-type"] == "application/vnd.apple.mpegurl"
    assert master.headers["cache-control"] == "no-store"
    media = client.get(master.text.splitlines()[-1])
    lines = media.text.splitlines()
    tag = next(line for line in lines if line.startswith("#EXT-X-KEY"))
    key = client.get(tag.partition('URI="')[2].partition('"')[0])
    assert (len(key.content), key.headers["cache-control"]) == (16, "no-store")
    iv = bytes.fromhex(tag.partition("IV=0x")[2][:32])
    addresses = [line for line in lines if line and not line.startswith("#")]
    assert len(addresses) == len(SEGMENTS)
    for name, address in zip(SEGMENTS, addresses, strict=True):
        assert urlsplit(address).path == f"/v1/play/acme/intro/v1/{name}"
        segment = client.get(address)
        assert segment.headers["content-type"] == "video/mp2t"
        assert openssl_cbc(segment.content, key.content, iv, decrypt=True) == clear_segment(f"acme/intro/{name}")


@pytest.mark.parametrize(
    ("header", "status", "first", "last"),
    [
        ("bytes=0-99", 206, 0, 99),
        ("bytes=100-", 206, 100, 2271),
        ("bytes=-10", 206, 2262, 2271),
        ("bytes=2000-9999", 206, 2000, 2271),
        ("bytes=5000-", 416, 0, 0),
        ("bytes=9-1", 200, 0, 2271),
        ("bytes=0-1,5-6", 200, 0, 2271),
        ("lines=0-1", 200, 0, 2271),
        ("bytes=a-b", 200, 0, 2271),
        ("bytes=-", 200, 0, 2271),
    ],
)
def test_segments_are_served_by_ranges(client, platform, header, status, first, last):
    whole = ask(client, platform, "v1/v/0.ts").content
    assert len(whole) == 2272
    part = ask(client, platform, "v1/v/0.ts", headers={"Range": header})
    assert part.status_code == status
    if status != 416:
        assert part.content == whole[first : last + 1]
    if status == 206:
        assert part.headers["content-range"] == f"bytes {first}-{last}/2272"
        assert part.headers["accept-ranges"] == "bytes"


def test_a_segment_is_resumed_where_s3_disconnects(client, platform):
    whole, get = ask(client, platform, "v1/v/0.ts").content, platform.s3.get_object
    asked: list[str | None] = []

    def breaking(Bucket, Key, Range=None):  # noqa: N803
        answer = get(Bucket, Key, Range)
        if Key.endswith(".ts"):
            asked.append(Range)
            if len(asked) < 3:
                answer["Body"].truncate(500)
        return answer

    platform.s3.get_object = breaking
    assert ask(client, platform, "v1/v/0.ts").content == whole
    assert asked == [None, "bytes=500-2271", "bytes=1000-2271"]


@pytest.mark.parametrize(
    "name",
    [
        "v1/key.json",
        "asset.json",
        "v1/asset.json",
        "key.json",
        "v2/v/0.ts",
        "v0/v/0.ts",
        "v01/v/0.ts",
        "v1",
        "v1/",
        "",
        "v/0.ts",
        "v1/v/0.ts/",
        "v1/%2e%2e/key.json",
        "v1/v/..%2f..%2fasset.json",
        "..%2fintro%2fv1%2fkey.json",
        "v1%5cv%5c0.ts",
        "v1/v/0.ts%00",
        "v1//v/0.ts",
        "manifest.mpd",
    ],
)
def test_only_files_in_the_pointer_are_served(client, platform, name):
    got = []
    get = platform.s3.get_object
    platform.s3.get_object = lambda **asked: got.append(asked["Key"]) or get(**asked)
    refused = ask(client, platform, name)
    assert refused.status_code in (400, 404), refused.text
    assert set(got) <= {"media/acme/intro/asset.json"}


def test_a_token_opens_its_own_asset_only(client, platform):
    wrong = {
        "other-tenant": platform.token("playback", "other", asset="intro"),
        "other-asset": platform.token("playback", asset="outro"),
        "token-audience": platform.token("api", asset="intro"),
    }
    for code, token in wrong.items():
        refused = ask(client, platform, "v1/v/0.ts", token)
        assert (refused.status_code, refused.json()["code"]) == (403, code)
    late = ask(client, platform, "v1/v/0.ts", platform.token("playback", asset="intro", iat=1, exp=2))
    assert (late.status_code, late.json()["code"]) == (401, "token-expired")
    assert client.get("/v1/play/acme/intro/v1/v/0.ts").status_code == 401
    assert client.get("/v1/play/acme/intro/v1/v/0.ts?token=a&token=b").status_code == 401


def licence(client, platform, ids: list[bytes], token: str | None = None, **changed):
    token = token or platform.token("playback", asset="intro")
    encoded = [base64.urlsafe_b64encode(kid).rstrip(b"=").decode() for kid in ids]
    body = {"kids": encoded, "type": "temporary"} | changed
    return client.post("/v1/licence/clearkey", params={"token": token}, json=body)


def test_a_licence_is_a_json_web_key_set(client, platform):
    kid = kid_of(platform)
    given = licence(client, platform, [kid, kid])
    document, _etag = platform.services.assets.key("acme", "intro", 1)
    key = platform.services.content_keys.open("acme", document)
    encoded = [base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in (key, kid)]
    entry = {"kty": "oct", "k": encoded[0], "kid": encoded[1]}
    assert given.json() == {"keys": [entry], "type": "temporary"}
    assert given.headers["cache-control"] == "no-store"


def test_keys_of_other_tenants_are_not_returned(client, platform):
    theirs = kid_of(platform, "other")
    for kids in ([theirs], [kid_of(platform), theirs], [bytes(16)]):
        refused = licence(client, platform, kids)
        assert (refused.status_code, refused.json()["code"]) == (404, "no-key")
    token = platform.token("playback", asset="intro")
    assert client.get(f"/v1/keys/{theirs.hex()}", params={"token": token}).status_code == 404
    assert client.get(f"/v1/keys/{kid_of(platform).hex()}").status_code == 401
    assert licence(client, platform, [kid_of(platform)], platform.token()).status_code == 403
    expired = platform.token("playback", asset="intro", iat=int(time.time()) - 100, exp=int(time.time()) - 60)
    assert licence(client, platform, [kid_of(platform)], expired).status_code == 401


@pytest.mark.parametrize(
    "changed",
    [
        {"kids": []},
        {"kids": None},
        {"kids": "AAAA"},
        {"kids": [7]},
        {"kids": ["AAAA"]},
        {"kids": ["A" * 22] * 33},
        {"kids": ["é" * 22]},
        {"kids": [["A" * 22]]},
        {"type": "persistent-license"},
    ],
)
def test_an_invalid_licence_request_is_refused(client, platform, changed):
    assert licence(client, platform, [kid_of(platform)], **changed).status_code == 400


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b"[" * 30000])
def test_a_licence_request_must_be_json(client, platform, body):
    token = platform.token("playback", asset="intro")
    assert client.post("/v1/licence/clearkey", params={"token": token}, content=body).status_code == 400


@pytest.mark.parametrize("kid", ["x", "A" * 32, "0" * 31, "0" * 33, "..%2f..%2fkeys"])
def test_a_key_id_is_hexadecimal(client, platform, kid):
    refused = client.get(f"/v1/keys/{kid}", params={"token": platform.token("playback", asset="intro")})
    assert refused.status_code in (400, 404)


def test_a_session_from_before_a_rotation_keeps_its_key_until_it_is_finalized(client, platform):
    services, token = platform.services, platform.token("playback", asset="intro")
    old = kid_of(platform)
    before, etag = services.assets.pointer("acme", "intro")
    document = services.content_keys.create("acme", "aes-128")
    services.assets.create_key("acme", "intro", 2, document)
    for name in before.version.files:
        body, _etag = services.objects.get(layout.media_file("acme", "intro", 1, name))
        services.objects.put(layout.media_file("acme", "intro", 2, name), body)
    version = type(before.version)(before.version.files, before.version.bytes, "aes-128", document.kid)
    flipped = before.flipped(2, version, "r1", "2030-01-01T00:00:00+00:00")
    assert client.get(f"/v1/keys/{old.hex()}", params={"token": token}).status_code == 200
    services.assets.flip(flipped, etag)
    for kid in (old, document.kid):
        assert client.get(f"/v1/keys/{kid.hex()}", params={"token": token}).status_code == 200
    for name in ("v1/v/0.ts", "v2/v/0.ts", "v1/v/video.m3u8"):
        assert ask(client, platform, name, token).status_code == 200
    pointer, etag = services.assets.pointer("acme", "intro")
    services.assets.flip(pointer.without(1), etag)
    time.sleep(3.1)
    assert client.get(f"/v1/keys/{old.hex()}", params={"token": token}).status_code == 404
    assert ask(client, platform, "v1/v/0.ts", token).status_code == 404
    assert "/v2/" in ask(client, platform, "master.m3u8", token).text


async def raw_get(app, path: str, token: str) -> tuple[int, str]:
    """Request any path, including those that a client would normalize or refuse."""
    sent: list[dict] = []

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "https"}
    scope |= {"path": path, "raw_path": b"", "query_string": f"token={token}".encode(), "root_path": "", "headers": []}
    await app(scope | {"client": ("192.0.2.1", 1), "server": ("media.example", 443)}, receive, send)
    return sent[0]["status"], dict(sent[0]["headers"]).get(b"content-type", b"").decode()


NAMES = st.text(max_size=60) | st.lists(
    st.sampled_from(
        ["v1", "v2", "v", "0.ts", "..", ".", "", "key.json", "asset.json", "master.m3u8", "\\", "\x00", "\n"]
    )
).map("/".join)


@given(NAMES)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
def test_any_request_is_handled_without_a_crash(client, platform, name):
    token = platform.token("playback", asset="intro")
    read = []
    get = ServiceS3.get_object
    platform.s3.get_object = lambda **asked: read.append(asked["Key"]) or get(platform.s3, **asked)
    for path in (f"/v1/play/acme/intro/{name}", f"/v1/play/{name}/intro/v1/v/0.ts", f"/v1/keys/{name}"):
        status, kind = anyio.run(raw_get, client.app, path, token)
        assert status in (200, 400, 403, 404), path
        if status == 200:
            assert kind in ("video/mp2t", "application/vnd.apple.mpegurl")
    listed = {f"media/acme/intro/v1/{file}" for file in ("v/0.ts", "v/1.ts", "v/video.m3u8", "master.m3u8")}
    assert set(read) <= {"media/acme/intro/asset.json"} | listed
