# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Uploads over HTTP: what is accepted, what is refused, and that nothing of a refused one is stored."""

from __future__ import annotations

import json

import pytest
from media_server.jobs.states import AssetState
from media_server.jobs.uploads import SMALLEST_PART_BYTES

NOW = "2026-01-01T00:00:00+00:00"
WANTED = {"tenant": "acme", "asset": "new", "scheme": "cbcs", "size": 11, "title": "A film"}


def begin(client, platform, headers=None, **changed):
    return client.post("/v1/assets", json=WANTED | changed, headers=headers or platform.header())


def send(platform, body: bytes = b"plain video"):
    state, _etag = platform.services.states.get("acme", "new")
    platform.s3.send_part(state.upload_id, 1, body)


def complete(client, platform, headers=None):
    return client.post("/v1/assets/acme/new/complete", headers=headers or platform.header())


def queued(platform) -> list[dict]:
    return [json.loads(message["Body"]) for message in platform.sqs.waiting]


def test_an_upload_gets_presigned_urls_and_ends_in_the_queue(client, platform):
    begun = begin(client, platform, size=SMALLEST_PART_BYTES + 1)
    assert begun.status_code == 201
    upload = begun.json()["upload"]
    assert [(part["number"], part["size"]) for part in upload["parts"]] == [(1, SMALLEST_PART_BYTES), (2, 1)]
    assert begun.headers["cache-control"] == "no-store"
    state, _etag = platform.services.states.get("acme", "new")
    platform.s3.send_part(state.upload_id, 1, bytes(SMALLEST_PART_BYTES))
    assert complete(client, platform).json()["code"] == "upload-incomplete"
    platform.s3.send_part(state.upload_id, 2, b"1")
    done = complete(client, platform)
    assert (done.status_code, done.json()["state"]) == (202, "queued")
    expected = {"kind": "package", "tenant": "acme", "asset": "new", "upload": "uploads/acme/new", "scheme": "cbcs"}
    assert queued(platform) == [expected | {"ladder": None}]


def test_the_chosen_ladder_is_in_the_message(client, platform):
    assert begin(client, platform, ladder=[360, 1080, 360]).json()["ladder"] == [1080, 360]
    send(platform)
    assert complete(client, platform).json()["ladder"] == [1080, 360]
    assert queued(platform)[0]["ladder"] == [1080, 360]


def test_a_second_completion_keeps_the_job(client, platform):
    begin(client, platform)
    send(platform)
    first, second = complete(client, platform), complete(client, platform)
    assert first.json()["job"] == second.json()["job"]
    assert second.status_code == 202


@pytest.mark.parametrize(
    "changed",
    [
        {"size": 0},
        {"size": -1},
        {"size": 51 * 1024**3},
        {"size": "11"},
        {"size": 1.5},
        {"size": True},
        {"size": 10**30},
        {"tenant": "../acme"},
        {"asset": "../../keys/acme.json"},
        {"asset": "a/b"},
        {"asset": "A"},
        {"asset": "-a"},
        {"asset": "a" * 64},
        {"asset": "a\u0000"},
        {"asset": "a\n"},
        {"asset": ""},
        {"asset": ["new"]},
        {"asset": None},
        {"scheme": "none"},
        {"scheme": "clear"},
        {"ladder": []},
        {"ladder": [721]},
        {"ladder": [-720]},
        {"ladder": [10**30]},
        {"ladder": [True]},
        {"ladder": [720.0]},
        {"ladder": ["720"]},
        {"ladder": [720] * 21},
        {"ladder": 720},
        {"ladder": "hd"},
        {"title": "t" * 201},
        {"title": "a\u0007b"},
        {"title": "a\u202eb"},
        {"source_url": "http://169.254.169.254/latest/meta-data/"},
        {"callback": "https://elsewhere.example/"},
    ],
)
def test_bad_input_is_refused_and_nothing_is_stored(client, platform, changed):
    before = dict(platform.s3.calls)
    refused = begin(client, platform, **changed)
    assert refused.status_code in (400, 403), refused.text
    assert set(refused.json()) == {"code", "message", "request_id"}
    assert platform.s3.calls == before
    assert "169.254" not in refused.text


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 20000, b'{"tenant": "acme"}'])
def test_invalid_requests_are_refused(client, platform, body):
    refused = client.post("/v1/assets", content=body, headers=platform.header() | {"Content-Type": "application/json"})
    assert refused.status_code == 400, refused.text


def test_a_body_that_is_too_large_is_not_read(client, platform):
    long = client.post("/v1/assets", content=b'"' + b"x" * 70_000 + b'"', headers=platform.header())
    assert (long.status_code, long.json()["code"]) == (413, "body-too-large")

    def without_a_length():
        for _part in range(100):
            yield b"x" * 1000

    chunked = client.post("/v1/assets", content=without_a_length(), headers=platform.header())
    assert (chunked.status_code, chunked.json()["code"]) == (413, "body-too-large")
    odd = client.post("/v1/assets", content=b"{}", headers=platform.header() | {"Content-Length": "-1"})
    assert odd.status_code == 413


def test_tokens_of_others_are_refused(client, platform):
    refusals = {
        "token-missing": ({}, 401),
        "other-tenant": (platform.header(tenant="other"), 403),
        "token-audience": (platform.header("playback", asset="new"), 403),
        "other-asset": (platform.header(asset="another"), 403),
        "token-expired": (platform.header(iat=1000, exp=2000), 401),
        "token-invalid": ({"Authorization": "Bearer x.y.z"}, 401),
    }
    for code, (headers, status) in refusals.items():
        refused = client.post("/v1/assets", json=WANTED, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert platform.s3.names("uploads/") == platform.s3.names("assets/") == platform.s3.names("tokens/") == []
    in_address = client.post(f"/v1/assets?token={platform.token()}", json=WANTED)
    assert in_address.json()["code"] == "token-missing"


def test_a_token_begins_one_upload_only(client, platform):
    headers = platform.header()
    assert begin(client, platform, headers).status_code == 201
    again = begin(client, platform, headers, asset="newer")
    assert (again.status_code, again.json()["code"]) == (401, "token-replayed")
    assert complete(client, platform, headers).json()["code"] == "token-replayed"


def test_a_token_can_read_any_number_of_times(client, platform):
    headers = platform.header()
    for _time in range(3):
        assert client.get("/v1/assets/acme/intro", headers=headers).status_code == 200


def test_a_ready_or_queued_asset_is_not_uploaded_again(client, platform):
    assert begin(client, platform, asset="intro").json()["code"] == "asset-exists"
    begin(client, platform)
    assert begin(client, platform).status_code == 201
    send(platform)
    complete(client, platform)
    again = begin(client, platform)
    assert (again.status_code, again.json()["code"]) == (409, "asset-exists")


def test_an_upload_lost_with_its_region_can_be_repeated(client, platform):
    begin(client, platform)
    send(platform)
    complete(client, platform)
    platform.services.objects.delete_versions("uploads/acme/new")
    assert complete(client, platform).json()["code"] == "upload-lost"
    assert begin(client, platform).status_code == 201


def test_a_new_upload_aborts_the_old_one(client, platform):
    begin(client, platform)
    first, _etag = platform.services.states.get("acme", "new")
    begin(client, platform, size=12)
    second, _etag = platform.services.states.get("acme", "new")
    assert set(platform.s3.sizes) == {second.upload_id}
    assert first.upload_id != second.upload_id


def test_a_state_is_reported_to_its_tenant_only(client, platform):
    begin(client, platform)
    told = client.get("/v1/assets/acme/new", headers=platform.header()).json()
    assert (told["state"], told["title"], told["playable"]) == ("uploading", "A film", None)
    assert "upload_id" not in told
    ready = client.get("/v1/assets/acme/intro", headers=platform.header()).json()
    assert (ready["state"], ready["playable"]["version"], ready["playable"]["scheme"]) == ("ready", 1, "aes-128")
    assert client.get("/v1/assets/acme/nothing", headers=platform.header()).status_code == 404
    assert client.get("/v1/assets/acme/intro", headers=platform.header(tenant="other")).status_code == 403


def test_the_standby_region_names_the_active_one(client, platform):
    platform.record.active = "eu-central-1"
    refused = begin(client, platform)
    assert (refused.status_code, refused.json()["code"]) == (503, "not-active")
    assert int(refused.headers["retry-after"]) > 0
    assert "eu-central-1" in refused.json()["message"]
    assert platform.s3.names("tokens/") == []
    assert client.get("/v1/assets/acme/intro", headers=platform.header()).status_code == 200


def test_a_playback_token_comes_with_urls(client, platform):
    path = "/v1/assets/acme/intro/playback-token"
    told = client.post(path, headers=platform.header(), json={"ttl_s": 60}).json()
    assert list(told["manifests"]) == ["hls"]
    assert told["manifests"]["hls"].startswith("https://media.example/v1/play/acme/intro/master.m3u8?token=")
    assert told["cookies"] is None
    token = platform.services.tokens.check(told["token"], "playback")
    assert (token.tenant, token.asset) == ("acme", "intro")
    assert client.post(path, headers=platform.header()).status_code == 200
    assert client.post(path, headers=platform.header(), json={"ttl_s": 0}).status_code == 400
    assert client.post(path, headers=platform.header(tenant="other")).status_code == 403
    nothing = client.post("/v1/assets/acme/nothing/playback-token", headers=platform.header())
    assert nothing.status_code == 404


def make_kept(platform, state: str, asset: str = "new") -> str:
    """Store an asset's state and its kept source, and return the source."""
    services = platform.services
    services.objects.put(f"uploads/acme/{asset}", b"plain video")
    uploads = services.sources.uploads("acme", asset)
    source = services.sources.keep("acme", asset, uploads, lambda: None)
    services.sources.discard_uploads("acme", asset, uploads)
    fields = {"tenant": "acme", "asset": asset, "scheme": "cbcs", "size": 11, "title": "", "upload_id": "u"}
    services.states.create(
        AssetState(**fields, state=state, part_bytes=1, created_at=NOW, changed_at=NOW, source=source)
    )
    return source


def test_an_accepted_assets_source_is_kept_no_longer(client, platform):
    make_kept(platform, "ready", "intro")
    assert client.get("/v1/assets/acme/intro", headers=platform.header()).json()["source_kept"] is True
    accepted = client.post("/v1/assets/acme/intro/accept", headers=platform.header())
    assert (accepted.status_code, accepted.json()["source_kept"]) == (200, False)
    assert platform.services.assets.sources("acme", "intro") == []
    assert list(platform.services.sources.marks()) == []
    assert client.post("/v1/assets/acme/intro/accept", headers=platform.header()).status_code == 200
    assert client.get("/v1/assets/acme/intro", headers=platform.header()).json()["state"] == "ready"


def test_only_a_ready_asset_is_accepted(client, platform):
    source = make_kept(platform, "failed")
    refused = client.post("/v1/assets/acme/new/accept", headers=platform.header())
    assert (refused.status_code, refused.json()["code"]) == (409, "not-ready")
    assert platform.services.assets.sources("acme", "new") == [source]


def test_a_failed_assets_kept_source_is_packaged_again(client, platform):
    make_kept(platform, "failed")
    again = client.post("/v1/assets/acme/new/package", headers=platform.header())
    assert (again.status_code, again.json()["state"], again.json()["failure"]) == (202, "queued", None)
    assert [message["asset"] for message in queued(platform)] == ["new"]


@pytest.mark.parametrize("state", ["uploading", "packaging", "ready"])
def test_only_a_failed_asset_is_packaged_again(client, platform, state):
    make_kept(platform, state)
    refused = client.post("/v1/assets/acme/new/package", headers=platform.header())
    assert (refused.status_code, refused.json()["code"]) == (409, "not-failed")
    assert queued(platform) == []


def test_without_its_source_an_asset_is_not_packaged_again(client, platform):
    make_kept(platform, "failed")
    state, etag = platform.services.states.get("acme", "new")
    platform.services.states.change(state, etag, source=None)
    refused = client.post("/v1/assets/acme/new/package", headers=platform.header())
    assert (refused.status_code, refused.json()["code"]) == (409, "no-source")
    # Its upload does as well.
    platform.services.objects.put("uploads/acme/new", b"plain video")
    assert client.post("/v1/assets/acme/new/package", headers=platform.header()).status_code == 202


@pytest.mark.parametrize("what", ["accept", "package"])
def test_what_changes_a_source_needs_a_new_token_of_its_tenant_in_the_active_region(client, platform, what):
    make_kept(platform, "failed")
    path, headers = f"/v1/assets/acme/new/{what}", platform.header()
    assert client.post(path, headers=platform.header(tenant="other")).status_code == 403
    assert client.post(path, headers=platform.header("playback", asset="new")).status_code == 403
    client.post(path, headers=headers)
    assert client.post(path, headers=headers).json()["code"] == "token-replayed"
    platform.record.active = "eu-central-1"
    assert client.post(path, headers=platform.header()).json()["code"] == "not-active"
