# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read errors of ClickHouse's HTTP interface, wherever in the answer they are."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse.client import (
    ClickHouse,
    ClickHouseError,
)


@pytest.fixture
def answering():
    """Return a function that returns a client of a server with one answer."""
    servers = []

    def start(status: int, body: str, **headers: str) -> ClickHouse:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name.replace("_", "-"), value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_arguments):
                pass

        server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return ClickHouse(f"http://127.0.0.1:{server.server_port}", "u", "p", None, 5)

    yield start
    for server in servers:
        server.shutdown()


def test_rows_are_read(answering):
    assert answering(200, '{"data": [{"a": 1}]}').rows("SELECT 1") == [{"a": 1}]


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (403, "Code: 497. DB::Exception: u: Not enough privileges. (ACCESS_DENIED), Stack trace: 0. x", 497),
        (200, '{"data": [{"a": 1},\nCode: 241. DB::Exception: Memory limit exceeded. (MEMORY_LIMIT_EXCEEDED)', 241),
        (200, '{"data": [', 0),
        (500, "", 0),
    ],
)
def test_an_error_has_its_code_also_behind_rows_that_were_sent(answering, status, body, code):
    with pytest.raises(ClickHouseError, match=r"answered: \S") as raised:
        answering(status, body).rows("SELECT 1")
    assert raised.value.code == code
    assert "Stack trace" not in str(raised.value)


def test_the_code_of_the_header_counts(answering):
    with pytest.raises(ClickHouseError) as raised:
        answering(500, "unreadable", X_ClickHouse_Exception_Code="516").run("SELECT 1")
    assert raised.value.code == 516
    assert "check O(login_user)" in str(raised.value)
