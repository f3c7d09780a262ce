# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A proxy before a region's S3, or its KMS, that fails as networks and overloaded services do."""

from __future__ import annotations

import contextlib
import http.client
import random
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from lab import certificates
from tests.support.labs import Clients

_OF_THE_LINE = {"connection", "expect", "transfer-encoding"}
_SLOW_DOWN = b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"
_THROTTLED = b'{"__type": "ThrottlingException", "message": "Rate exceeded"}'
_FULL = b"<Error><Code>InsufficientStorage</Code><Message>The bucket is full.</Message></Error>"


class Faults:
    """Which requests fail. Switched by a test while the proxy runs; counts what it did."""

    def __init__(self) -> None:
        self.share = 0.0
        self.writes_left: int | None = None
        self.failed = 0
        self._draw = random.Random(20261125)
        self._lock = threading.Lock()

    def choose(self, method: str) -> str:
        """`pass`, `503`, `reset` or `full` for the next request."""
        with self._lock:
            if self.writes_left is not None and method == "PUT":
                self.writes_left -= 1
                if self.writes_left < 0:
                    self.failed += 1
                    return "full"
            if self._draw.random() < self.share:
                self.failed += 1
                return self._draw.choice(["503", "reset"])
            return "pass"


class _Proxy(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    faults: Faults
    target: str
    trust: ssl.SSLContext

    def log_message(self, *_arguments) -> None:
        """Quiet."""

    def _relay(self) -> None:
        body = self._body()
        fate = self.faults.choose(self.command)
        if fate == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
        elif fate == "pass":
            self._forward(body)
        elif fate == "full":
            self._answer(507, {}, _FULL)
        elif (self.headers.get("X-Amz-Target") or "").startswith("TrentService."):
            self._answer(400, {"Content-Type": "application/x-amz-json-1.1"}, _THROTTLED)
        else:
            self._answer(503, {}, _SLOW_DOWN)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        # As boto3 sends what it writes a checksum behind.
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def do_GET(self) -> None:
        self._relay()

    def do_HEAD(self) -> None:
        self._relay()

    def do_PUT(self) -> None:
        self._relay()

    def do_POST(self) -> None:
        self._relay()

    def do_DELETE(self) -> None:
        self._relay()

    def _forward(self, body: bytes) -> None:
        address = urlsplit(self.target)
        connection = http.client.HTTPSConnection(address.hostname, address.port, timeout=30, context=self.trust)
        # The signature covers the Host header: it is handed on as the client sent it.
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _OF_THE_LINE}
        connection.request(self.command, self.path, body, headers)
        answer = connection.getresponse()
        self._answer(answer.status, dict(answer.getheaders()), answer.read())
        connection.close()

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response_only(status)
        hop_by_hop = {"connection", "transfer-encoding", "content-length"}
        for name, value in headers.items():
            if name.lower() not in hop_by_hop:
                self.send_header(name, value)
        length = headers.get("content-length", headers.get("Content-Length")) if self.command == "HEAD" else None
        self.send_header("Content-Length", length or str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # Of a queue of five, connections are lost where many clients come at a time.
    request_queue_size = 128

    def handle_error(self, *_arguments) -> None:
        """Connections that were reset on purpose."""


@contextlib.contextmanager
def faulty_s3(lab: Clients, region: str) -> Iterator[tuple[str, Faults]]:
    """The proxy's URL, and the switch of its faults."""
    settings = lab.stack.settings
    faults = Faults()
    trust = ssl.create_default_context(cafile=str(settings.ca_certificate))
    bound = {"faults": faults, "target": lab.stack.endpoints[region], "trust": trust}
    server = _Server(("127.0.0.1", 0), type("BoundProxy", (_Proxy,), bound))
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(*certificates.issue(settings.tls, "faulty-s3", ["127.0.0.1"]))
    server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
    try:
        yield f"https://127.0.0.1:{server.server_port}", faults
    finally:
        server.shutdown()
        server.server_close()
