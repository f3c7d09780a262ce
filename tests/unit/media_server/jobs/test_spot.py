# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The spot interruption notice, from a metadata service that requires tokens (IMDSv2). Simulated."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from media_server.jobs.spot import SpotNotice


class Metadata(BaseHTTPRequestHandler):
    """Responds as the instance metadata service does."""

    tokens: set[str]
    notice: str | None

    def log_message(self, *_args):
        """Log nothing."""

    def do_PUT(self):
        token = f"t{len(self.tokens)}"
        known = self.path == "/latest/api/token" and "X-aws-ec2-metadata-token-ttl-seconds" in self.headers
        if known:
            self.tokens.add(token)
        self.say(200 if known else 400, token)

    def do_GET(self):
        if self.headers.get("X-aws-ec2-metadata-token") not in self.tokens:
            self.say(401, "")
        elif self.notice and self.path == "/latest/meta-data/spot/instance-action":
            self.say(200, self.notice)
        else:
            self.say(404, "")

    def say(self, status: int, text: str):
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())


@pytest.fixture
def metadata():
    handler = type("Handler", (Metadata,), {"tokens": set(), "notice": None})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield handler, server.server_address[1]
        server.shutdown()
        thread.join()


def test_a_notice_is_found_with_a_token_and_after_the_token_has_expired(metadata):
    handler, port = metadata
    spot = SpotNotice("127.0.0.1", port)
    assert not spot.is_given()
    handler.tokens.clear()
    handler.notice = '{"action": "terminate", "time": "2030-01-01T00:00:00Z"}'
    assert spot.is_given()


def test_no_metadata_is_no_notice(metadata):
    metadata[0].notice = "{}"
    assert not SpotNotice("127.0.0.1", 1).is_given()


def test_the_watch_calls_once_and_ends(metadata):
    handler, port = metadata
    handler.notice = "{}"
    calls, ended = [], threading.Event()
    SpotNotice("127.0.0.1", port).watch(ended, lambda: calls.append(1), every_s=0.01)
    assert calls == [1]
    ended.set()
    SpotNotice("127.0.0.1", port).watch(ended, lambda: calls.append(1), every_s=0.01)
    assert calls == [1]


def test_the_watch_goes_on_until_the_notice(metadata):
    handler, port = metadata
    calls, ended = [], threading.Event()
    watching = threading.Thread(
        target=SpotNotice("127.0.0.1", port).watch, args=(ended, lambda: calls.append(1)), kwargs={"every_s": 0.01}
    )
    watching.start()
    assert calls == []
    handler.notice = "{}"
    watching.join(10)
    assert calls == [1]
