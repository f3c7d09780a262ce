# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""What surrounds requests: health, metrics, logs without secrets, CORS, the page, and responses when AWS fails."""

from __future__ import annotations

import io
import json
import logging
import threading
import time

import pytest
import structlog
from botocore.exceptions import ClientError, EndpointConnectionError
from media_server.logs import configure
from media_server.readiness import Readiness
from media_server.web.app import create_app
from starlette.testclient import TestClient

from tests.support.media_fakes import refused
from tests.support.media_service_fakes import FakePlatform

CHECKS = {"s3", "sqs", "kms", "token-keys", "region-record"}


@pytest.fixture
def log_lines():
    """Return the log line by line."""
    root = logging.getLogger()
    before = (root.handlers, root.level)
    configure()
    written = io.StringIO()
    root.handlers[0].setStream(written)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    root.handlers, root.level = before
    structlog.reset_defaults()


def test_health_calls_no_dependency(client, platform):
    platform.s3.fault = lambda *_asked: pytest.fail("S3 was asked")
    platform.secrets.fault = EndpointConnectionError(endpoint_url="https://x.invalid")
    answer = client.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")


def test_readiness_names_each_check(client, platform):
    answer = client.get("/readyz")
    assert answer.status_code == 200
    told = answer.json()
    assert (told["ready"], told["active_region"], set(told["checks"])) == (True, "me-west-1", CHECKS)
    assert all(check["ok"] for check in told["checks"].values())


def hang(*_asked, **_more):
    time.sleep(1)


BREAKS = {
    "s3": lambda platform: setattr(platform.s3, "head_bucket", hang),
    "sqs": lambda platform: setattr(platform.sqs, "get_queue_attributes", hang),
    "kms": lambda platform: platform.kms.disabled.update(platform.kms.keys),
    "token-keys": lambda platform: platform.secrets.texts.update(
        tokens='{"keys": {"k1": "c2VjcmV0"}, "current": "k1"}'
    ),
    "region-record": lambda platform: setattr(platform.record, "active", None),
}


@pytest.mark.parametrize("broken", sorted(CHECKS))
def test_readiness_names_failures_and_no_secret(platform, broken):
    BREAKS[broken](platform)
    readiness = Readiness(platform.services, timeout_s=0.3, kept_s=0)
    began = time.monotonic()
    answer = readiness.check().to_json()
    assert time.monotonic() - began < 0.9
    assert not answer["ready"]
    assert [name for name, check in answer["checks"].items() if not check["ok"]] == [broken]
    assert "c2VjcmV0" not in json.dumps(answer)


def test_a_check_that_hangs_is_not_started_again(platform):
    asked, let_go = [], threading.Event()
    platform.s3.head_bucket = lambda **_asked: (asked.append(1), let_go.wait(5))
    readiness = Readiness(platform.services, timeout_s=0.05, kept_s=0)
    for _time in range(5):
        assert not readiness.check().ready
    let_go.set()
    assert asked == [1]


def test_metrics_count_requests_refusals_and_licences(client, platform):
    client.get("/v1/play/acme/intro/master.m3u8", params={"token": platform.token("playback", asset="intro")})
    client.get("/v1/play/acme/intro/master.m3u8", params={"token": "x.y.z"})
    client.get("/nothing/here")
    kid = platform.services.assets.pointer("acme", "intro")[0].version.kid.hex()
    client.get(f"/v1/keys/{kid}", params={"token": platform.token("playback", asset="intro")})
    platform.sqs.put("{}")
    text = client.get("/metrics").text
    route = 'route="/v1/play/{tenant}/{asset}/{name:path}"'
    assert f'media_requests_total{{method="GET",{route},status="200"}} 1.0' in text
    assert f'media_requests_total{{method="GET",{route},status="401"}} 1.0' in text
    assert 'media_requests_total{method="any",route="unknown",status="404"} 1.0' in text
    assert 'media_refusals_total{code="token-invalid"} 1.0' in text
    assert 'media_licences_total{kind="hls"} 1.0' in text
    assert 'media_queue_messages{state="waiting"} 1.0' in text
    assert "media_request_seconds_bucket" in text
    assert "acme" not in text


def test_metrics_are_not_for_those_behind_the_load_balancer(client):
    assert client.get("/metrics", headers={"X-Forwarded-For": "192.0.2.1"}).status_code == 404


def test_the_log_has_ids_tenant_and_asset_and_no_token(platform, log_lines):
    client = TestClient(create_app(platform.services), raise_server_exceptions=False)
    token = platform.token("playback", asset="intro")
    answer = client.get("/v1/play/acme/intro/master.m3u8", params={"token": token, "private": "words"})
    client.get(f"/v1/play/acme/{token}/x", params={"token": token})
    client.get("/v1/assets/acme/intro", headers={"Authorization": f"Bearer {token}"})
    requests = [line for line in log_lines() if line["event"] == "request"]
    line = next(line for line in requests if line["request_id"] == answer.headers["x-request-id"])
    assert (line["event"], line["tenant"], line["asset"], line["status"]) == ("request", "acme", "intro", 200)
    assert line["path"] == "/v1/play/acme/intro/master.m3u8"
    text = json.dumps(log_lines())
    assert len(requests) == 3
    assert token not in text
    assert token.split(".")[2] not in text
    assert "private" not in text


def test_an_unexpected_error_is_logged_and_not_reported(platform, log_lines):
    client = TestClient(create_app(platform.services), raise_server_exceptions=False)

    def broken(**_asked):
        raise RuntimeError("about https://x.invalid/a?X-Amz-Signature=secret-words")

    platform.s3.get_object = broken
    answer = client.get("/v1/assets/acme/intro", headers=platform.header())
    assert (answer.status_code, answer.json()["code"]) == (500, "internal-error")
    assert "RuntimeError" not in answer.text
    said = next(line for line in log_lines() if line["event"] == "internal error")
    assert said["request_id"] == answer.json()["request_id"]
    assert "RuntimeError" in said["exception"]
    assert "secret-words" not in json.dumps(log_lines())


def test_errors_of_aws_are_reported_as_unavailable(client, platform, monkeypatch):
    def fault(_operation, _key):
        raise refused("AccessDenied", 403, "GetObject")

    platform.s3.fault = fault
    answer = client.get("/v1/assets/acme/intro", headers=platform.header() | {"Origin": "https://media.example"})
    assert (answer.status_code, answer.json()["code"]) == (503, "dependency-failed")
    assert answer.headers["retry-after"] == "5"
    assert answer.headers["access-control-allow-origin"] == "https://media.example"
    assert ClientError.__name__ not in answer.text


def test_only_the_public_origin_may_read_responses(client):
    own = client.get("/healthz", headers={"Origin": "https://media.example"})
    assert own.headers["access-control-allow-origin"] == "https://media.example"
    other = client.get("/healthz", headers={"Origin": "https://elsewhere.example"})
    assert "access-control-allow-origin" not in other.headers
    asked = {"Origin": "https://media.example", "Access-Control-Request-Method": "POST"}
    before = client.options("/v1/licence/clearkey", headers=asked | {"Access-Control-Request-Headers": "content-type"})
    assert before.status_code == 200
    refused_origin = client.options("/v1/licence/clearkey", headers=asked | {"Origin": "https://elsewhere.example"})
    assert "access-control-allow-origin" not in refused_origin.headers


def test_every_response_has_the_security_headers(client):
    for path in ("/healthz", "/nothing", "/v1/keys/0"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert len(headers["x-request-id"]) == 32
        assert "strict-transport-security" in headers


def test_the_api_has_an_openapi_document(client):
    described = client.get("/v1/openapi.json").json()
    paths = set(described["paths"])
    assert {"/v1/assets", "/v1/licence/clearkey", "/v1/speke/v2/copyProtection", "/v1/rotations", "/readyz"} <= paths
    assert "/docs" not in paths
    assert client.get("/docs").status_code == 404


def test_the_player_is_off_by_default(client):
    assert client.get("/player/").status_code == 404


def test_the_page_is_in_two_languages_and_has_a_strict_policy(tmp_path):
    (tmp_path / "hls.min.js").write_text("hls")
    (tmp_path / "secret.js").write_text("secret")
    platform = FakePlatform(tmp_path, player=True, static_dir=str(tmp_path))
    client = TestClient(create_app(platform.services), base_url="https://media.example", raise_server_exceptions=False)
    english, arabic = client.get("/player/"), client.get("/player/?lang=ar")
    assert '<html lang="en" dir="ltr">' in english.text
    assert '<html lang="ar" dir="rtl">' in arabic.text
    assert '<html lang="ar" dir="rtl">' in client.get("/player/", headers={"Accept-Language": "ar-SA,en;q=0.5"}).text
    assert '<html lang="en"' in client.get("/player/", params={"lang": "<script>"}).text
    policy = english.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert client.get("/player/static/hls.min.js").text == "hls"
    for name in ("secret.js", "..%2fsecret.js", "shaka-player.compiled.js", "page.html", "player.py"):
        assert client.get(f"/player/static/{name}").status_code == 404


def test_cookies_for_a_cdn_come_with_a_playback_token(tmp_path):
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    from tests.support.media_content import make_asset

    platform = FakePlatform(tmp_path, cookie_domain="cdn.example", cookie_secret_id="cookies")
    make_asset(platform.services.objects, platform.services.tenant_keys, "acme", "intro")
    pem = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    platform.secrets.texts["cookies"] = json.dumps({"key_pair_id": "K1", "private_key": pem.decode()})
    client = TestClient(create_app(platform.services), raise_server_exceptions=False)
    told = client.post("/v1/assets/acme/intro/playback-token", headers=platform.header()).json()
    assert set(told["cookies"]) == {"CloudFront-Policy", "CloudFront-Signature", "CloudFront-Key-Pair-Id"}
    playlist = client.get("/v1/play/acme/intro/v1/v/video.m3u8", params={"token": told["token"]}).text
    assert "https://cdn.example/media/acme/intro/v1/v/0.ts\n" in playlist


def test_rotations_are_for_administrators(client, platform):
    wanted = {"mode": "rewrap", "scope": {"tenant": "acme"}}
    assert client.post("/v1/rotations", json=wanted, headers=platform.header()).status_code == 403
    headers = platform.header("admin", None)
    puts = platform.s3.calls["put_object"]
    dry = client.post("/v1/rotations", json=wanted | {"dry_run": True}, headers=headers)
    assert (dry.status_code, dry.json()["plan"]["assets"]) == (200, 1)
    assert platform.s3.calls["put_object"] == puts
    planned = client.post("/v1/rotations", json=wanted, headers=headers)
    assert planned.status_code == 200
    identity = planned.json()["rotation_id"]
    assert client.post(f"/v1/rotations/{identity}/start", headers=headers).json()["code"] == "token-replayed"
    started = client.post(f"/v1/rotations/{identity}/start", headers=platform.header("admin", None))
    assert started.json()["phase"] == "rotating"
    assert json.loads(platform.sqs.waiting[0]["Body"]) == {"kind": "rotate", "rotation": identity, "shard": 0}
    status = client.get(f"/v1/rotations/{identity}", headers=platform.header("admin", None))
    assert status.json()["phase"] == "rotating"


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("", {"mode": "other"}, 400),
        ("", {"mode": "rewrap", "target_url": "http://169.254.169.254/"}, 400),
        ("", [], 400),
        ("/nothing/start", {}, 404),
        ("/nothing/verify", {"level": ["all"]}, 400),
        ("/nothing/rollback", {"extra": 1}, 400),
        ("/..%2f..%2fkeys/start", {}, 404),
        ("/UPPER/finalize", {}, 400),
        ("/nothing/nothing", {}, 404),
    ],
)
def test_an_invalid_rotation_is_refused(client, platform, path, body, status):
    answer = client.post(f"/v1/rotations{path}", json=body, headers=platform.header("admin", None))
    assert answer.status_code == status, answer.text
