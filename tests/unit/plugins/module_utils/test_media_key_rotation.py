# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Check options, plan rotations, sign tokens, and send requests to a server on this machine."""

from __future__ import annotations

import base64
import datetime
import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import jwt
import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._media_key_rotation import server as server_module
from ansible_collections.knowledgecity.platform.plugins.module_utils._media_key_rotation.checks import check_options
from ansible_collections.knowledgecity.platform.plugins.module_utils._media_key_rotation.model import (
    Current,
    Wanted,
    failures_in_words,
    in_words,
    plan,
    remaining,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._media_key_rotation.rotation import Rotation
from ansible_collections.knowledgecity.platform.plugins.module_utils._media_key_rotation.server import (
    MediaServer,
    ServerError,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._media_key_rotation.tokens import TokenSigner

from lab import certificates

HERE, THERE = "me-west-1", "eu-central-1"
NOW = datetime.datetime(2026, 11, 25, tzinfo=datetime.UTC)
FIGURES = {"assets": 4, "objects": 24, "bytes": 1000, "kms_calls": 2, "expected_s": 5.0, "estimated": False}
VERIFIED = {"level": "sample", "checked": 4, "failed": 0, "at": "x"}


def _reported(phase: str, **values) -> dict:
    return {
        "rotation_id": "r1",
        "active_region": HERE,
        "phase": phase,
        "plan": FIGURES,
        "shards": {"done": 0, "total": 4},
        "done": 0,
        "skipped": 0,
        "failed": 0,
        "failures": [],
        "elapsed_s": 0.0,
        "resume_marker": None,
        "verification": None,
        "finalize_from": None,
    } | values


def _plan(state: str, phase: str, verify: str = "none", there: str = "absent", **values) -> list[tuple[str, str]]:
    wanted = Wanted(state, verify, [HERE, THERE], {})
    current = Current(HERE, _reported(phase, **values), {HERE: phase, THERE: there}, NOW)
    return [(change.action, change.region) for change in plan(wanted, current)]


@pytest.mark.parametrize(
    ("phase", "values", "actions"),
    [
        ("planned", {}, ["rotate", "verify"]),
        ("incomplete", {}, ["rotate", "verify"]),
        ("rolled-back", {}, ["rotate", "verify"]),
        ("rotating", {}, ["wait", "verify"]),
        ("rotated", {}, ["verify"]),
        ("rotated", {"verification": VERIFIED}, []),
        ("rotated", {"verification": VERIFIED | {"failed": 1}}, ["verify"]),
        ("rotated", {"verification": VERIFIED | {"level": "all"}}, []),
        ("finalized", {"verification": VERIFIED}, []),
        ("planned", {"plan": FIGURES | {"assets": 0}}, []),
    ],
)
def test_what_leads_to_rotated(phase, values, actions):
    assert [action for action, _region in _plan("rotated", phase, "sample", **values)] == actions


def test_a_more_thorough_verification_is_done_and_none_is_not():
    assert _plan("rotated", "rotated", "all", verification=VERIFIED) == [("verify", HERE)]
    assert _plan("rotated", "rotated", "none") == []


@pytest.mark.parametrize(
    ("phase", "actions"),
    [
        ("planned", []),
        ("rolled-back", []),
        ("rotated", ["roll_back"]),
        ("incomplete", ["roll_back"]),
        ("rolling-back", ["wait"]),
    ],
)
def test_what_leads_to_rolled_back(phase, actions):
    assert [action for action, _region in _plan("rolled_back", phase)] == actions


@pytest.mark.parametrize(
    ("phase", "there", "changes"),
    [
        ("rotated", "rotated", [("finalize", HERE), ("finalize", THERE)]),
        ("rolled-back", "absent", [("finalize", HERE), ("finalize", THERE)]),
        ("finalizing", "finalizing", [("wait", HERE), ("finalize", THERE)]),
        ("finalized", "finalizing", [("finalize", THERE)]),
        ("finalized", "finalized", []),
    ],
)
def test_what_leads_to_finalized(phase, there, changes):
    assert _plan("finalized", phase, there=there) == changes


@pytest.mark.parametrize(
    ("state", "phase", "said"),
    [
        ("rotated", "rolling-back", "rolled_back"),
        ("rolled_back", "finalized", "gone"),
        ("rolled_back", "finalizing", "gone"),
        ("rolled_back", "rotating", "once that has ended"),
        ("finalized", "planned", "only one that is rotated"),
        ("finalized", "rotating", "only one that is rotated"),
        ("finalized", "incomplete", "only one that is rotated"),
    ],
)
def test_what_is_not_possible_is_said_before_anything_is_done(state, phase, said):
    with pytest.raises(PlatformError, match=rf"in me-west-1 is {phase}: .*{said}.*Nothing was changed"):
        _plan(state, phase)


def test_old_versions_stay_for_their_time():
    with pytest.raises(PlatformError, match="2026-11-26"):
        _plan("finalized", "rotated", finalize_from="2026-11-26T00:00:00+00:00")
    assert _plan("finalized", "rotated", finalize_from="2026-11-24T00:00:00+00:00")


def test_progress_in_words():
    reported = _reported("rotating", shards={"done": 1, "total": 4}, done=1, elapsed_s=10.0)
    assert remaining(reported) == 30
    assert in_words(reported) == "rotating: 1 of 4 assets, 1 of 4 parts after 10 s, about 30 s left"
    assert in_words(_reported("verifying")) == "verifying: 0 of 4 parts after 0 s, 5 s expected"
    failures = [{"item": f"t/{number}", "code": "c", "message": "m"} for number in range(5)]
    assert failures_in_words(_reported("incomplete", failures=failures, failed=9)).endswith("t/2 (c: m); and 6 more")


def _options(**given) -> dict:
    return {
        "servers": [{"region": HERE, "url": "https://media.example", "address": None}],
        "mode": "rewrap",
        "scope": {},
        "target_kms_key": None,
        "rotation_id": None,
        "concurrency": 4,
        "kms_requests_per_s": 50.0,
        "max_assets": None,
        "retain_old": None,
        "wait_timeout": 60,
    } | given


def _server(**given) -> dict:
    return {"servers": [{"region": HERE, "url": "https://media.example", "address": None} | given]}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"servers": []}, "empty"),
        ({"servers": _server()["servers"] * 2}, "twice"),
        (_server(url="http://media.example"), "https"),
        (_server(url="https://media.example/path"), "nothing more"),
        (_server(url="https://user@media.example"), "nothing more"),
        (_server(address="a b"), "address"),
        ({"concurrency": 0}, "concurrency"),
        ({"kms_requests_per_s": -1.0}, "kms_requests_per_s"),
        ({"max_assets": 0}, "max_assets"),
        ({"wait_timeout": 0}, "wait_timeout"),
        ({"retain_old": -1}, "retain_old"),
        ({"rotation_id": "A"}, "lower-case"),
        ({"mode": "reencrypt", "target_kms_key": "alias/k"}, "target_kms_key"),
        ({"scope": {"asset": "a"}}, "scope.tenant"),
        ({"target_kms_key": "alias/k", "scope": {"tenant": "t", "asset": "a"}}, "whole tenants"),
    ],
    ids=str,
)
def test_wrong_options_are_found(given, said):
    (finding,) = check_options(_options(**given))
    assert said in finding.text
    assert check_options(_options()) == []


class Secrets:
    def __init__(self, text: str):
        self.text = text

    def get_secret_value(self, SecretId):  # noqa: N803
        return {"SecretString": self.text}


def test_a_token_is_what_another_library_takes_for_one():
    key = b"s" * 32
    text = json.dumps({"keys": {"k2": base64.b64encode(key).decode()}, "current": "k2"})
    signer = TokenSigner(Secrets(text), "tokens")
    first, second = signer(), signer()
    claims = jwt.decode(first, key, algorithms=["HS256"], audience="admin")
    assert jwt.get_unverified_header(first)["kid"] == "k2"
    assert 0 < claims["exp"] - claims["iat"] <= 300
    assert claims["jti"] != jwt.decode(second, key, algorithms=["HS256"], audience="admin")["jti"]
    assert repr(key) not in repr(vars(signer)["_client"])


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"keys": {"k": "???"}, "current": "k"}', '{"keys": {}, "current": "k"}']
)
def test_a_wrong_secret_is_named_and_not_shown(text):
    with pytest.raises(PlatformError, match="The secret tokens holds no JSON object") as raised:
        TokenSigner(Secrets(text), "tokens")()
    assert "???" not in str(raised.value)


class Handler(BaseHTTPRequestHandler):
    answers: list
    asked: list

    def log_message(self, *_arguments):
        """Quiet."""

    def _answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.asked.append((self.command, self.path, self.headers["Host"], self.headers["Authorization"], body))
        status, content = self.answers.pop(0)
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_GET(self):
        self._answer()

    def do_POST(self):
        self._answer()


@pytest.fixture
def served(tmp_path, monkeypatch):
    """Start a TLS server of the name `media.example`, which is reached by its address only."""
    monkeypatch.setattr(server_module.time, "sleep", lambda _seconds: None)
    (tmp_path / "tls").mkdir()
    certificates.ensure_authority(tmp_path / "tls")
    handler = type("Bound", (Handler,), {"answers": [], "asked": []})
    listening = HTTPServer(("127.0.0.1", 0), handler)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificates.issue(tmp_path / "tls", "media", ["media.example"]))
    listening.socket = context.wrap_socket(listening.socket, server_side=True)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    authority = next(str(file) for file in (tmp_path / "tls").iterdir() if "ca" in file.name and "key" not in file.name)

    def client(host: str = "media.example") -> MediaServer:
        address = f"127.0.0.1:{listening.server_port}"
        return MediaServer(HERE, f"https://{host}", address, authority, lambda: "a-token")

    yield client, handler
    listening.shutdown()
    listening.server_close()


def test_the_servers_name_is_kept_where_an_address_leads_to_it(served):
    client, handler = served
    handler.answers = [(200, b'{"phase": "planned"}')]
    assert client().plan({"mode": "rewrap"}, dry_run=True) == {"phase": "planned"}
    ((method, path, host, authorization, body),) = handler.asked
    assert (method, path, host, authorization) == ("POST", "/v1/rotations", "media.example", "Bearer a-token")
    assert json.loads(body) == {"mode": "rewrap", "dry_run": True}


def test_another_name_in_the_certificate_is_refused(served, monkeypatch):
    client, handler = served
    monkeypatch.setattr(server_module, "_PATIENCE", 0)
    with pytest.raises(ServerError, match="CERTIFICATE_VERIFY_FAILED"):
        client("other.example").status("r1")
    assert handler.asked == []


def test_a_busy_server_is_asked_again_and_a_refusal_is_reported(served):
    client, handler = served
    refusal = b'{"code": "retained", "message": "Too early.", "request_id": "q7"}'
    handler.answers = [(503, b'{"code": "unavailable"}'), (502, b"<html>"), (409, refusal)]
    with pytest.raises(
        ServerError, match=r"POST /v1/rotations/r1/finalize: 409 retained: Too early. \(request q7\)"
    ) as raised:
        client().request("r1", "finalize")
    assert (raised.value.status, raised.value.code, len(handler.asked)) == (409, "retained", 3)
    assert "a-token" not in str(raised.value)


def test_a_region_that_is_not_active_is_not_asked_again(served):
    client, handler = served
    handler.answers = [(503, b'{"code": "not-active", "message": "No."}')]
    with pytest.raises(ServerError, match="not-active"):
        client().request("r1", "start")


class FakeServer:
    """Report what it was given, one after another, and the last one again and again."""

    def __init__(self, *reports: dict, status: str = "finalized"):
        self.reports = list(reports)
        self.phase = status
        self.asked: list[str] = []

    def _next(self, what: str) -> dict:
        self.asked.append(what)
        return self.reports.pop(0) if len(self.reports) > 1 else self.reports[0]

    def plan(self, _request, *, dry_run):
        return self._next("dry plan" if dry_run else "plan")

    def status(self, _rotation):
        return self._next("status")

    def request(self, _rotation, what, _body=None):
        return self._next(what)


def _run(servers: dict, state: str = "rotated", verify: str = "none", timeout: float = 60) -> tuple[Rotation, list]:
    rotation = Rotation(Wanted(state, verify, list(servers), {}), servers, timeout=timeout, say=lambda _text: None)
    current = rotation.read()
    changes = rotation.plan(current)
    rotation.apply(changes)
    return rotation, changes


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    monkeypatch.setattr("time.sleep", lambda _seconds: None)


def test_a_rotation_is_followed_to_its_end():
    server = FakeServer(
        _reported("planned"),
        _reported("planned"),
        _reported("rotating"),
        _reported("rotating"),
        _reported("rotated", done=4),
    )
    rotation, _changes = _run({HERE: server})
    assert server.asked == ["dry plan", "plan", "start", "status", "status"]
    assert rotation.reported["done"] == 4


def test_the_active_region_is_found_by_asking():
    there = FakeServer(_reported("planned"))
    here = FakeServer(_reported("rotated"))
    rotation, changes = _run({THERE: there, HERE: here})
    assert (there.asked, here.asked, changes) == (["dry plan"], ["dry plan"], [])
    with pytest.raises(PlatformError, match="none of O"):
        _run({THERE: FakeServer(_reported("planned"))})
    assert rotation.reported["phase"] == "rotated"


def test_what_failed_is_reported():
    failures = [{"item": "t/a", "code": "tampered", "message": "damaged"}]
    failed = _reported("incomplete", done=3, failed=1, failures=failures)
    with pytest.raises(PlatformError, match=r"1 failed: t/a \(tampered: damaged\).*run again"):
        _run({HERE: FakeServer(_reported("planned"), _reported("planned"), failed)})
    unverified = _reported("rotated", verification=VERIFIED | {"failed": 1}, failures=failures)
    with pytest.raises(PlatformError, match="1 of 4 assets that were verified don't open"):
        _run({HERE: FakeServer(_reported("rotated"), unverified)}, verify="sample")


def test_the_timeout_reports_the_progress():
    with pytest.raises(
        PlatformError, match=r"Waited 0 s for rotation r1 in me-west-1: rotating: 0 of 4 assets.*run again"
    ):
        _run({HERE: FakeServer(_reported("planned"), _reported("planned"), _reported("rotating"))}, timeout=0)


def test_another_region_is_told_until_it_is_done():
    here = FakeServer(_reported("rotated"), _reported("finalizing"), _reported("finalized"))
    there = FakeServer(_reported("rotated"), _reported("finalizing"), _reported("finalized"))
    _rotation, changes = _run({HERE: here, THERE: there}, state="finalized")
    assert [(change.action, change.region) for change in changes] == [("finalize", HERE), ("finalize", THERE)]
    assert (here.asked[1], there.asked[1]) == ("finalize", "finalize")
