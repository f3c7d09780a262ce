# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A health check of what stands in a VPC goes by the VPC's network, where this machine itself reaches nothing."""

from __future__ import annotations

import asyncio
import http.server
import os
import subprocess
import threading
from pathlib import Path

import pytest

from lab.dns.probes import Place, probe


class _Sound(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/healthz" else 503)
        self.end_headers()

    def log_message(self, *_arguments) -> None:
        pass


@pytest.fixture
def namespace():
    """A network of its own, in which a server listens on loopback; its path and the server's port."""
    name = f"kc-probe-{os.getpid()}"
    subprocess.run(["ip", "netns", "add", name], check=True)
    path = Path("/run/netns") / name
    servers: list[http.server.HTTPServer] = []

    def serve(started: threading.Event) -> None:
        with path.open() as space:
            os.setns(space.fileno(), os.CLONE_NEWNET)  # this thread alone
        servers.append(http.server.HTTPServer(("127.0.0.1", 0), _Sound))
        started.set()
        servers[0].serve_forever()

    try:
        subprocess.run(["ip", "-netns", name, "link", "set", "lo", "up"], check=True)
        started = threading.Event()
        threading.Thread(target=serve, args=(started,), daemon=True).start()
        assert started.wait(10)
        yield path, servers[0].server_port
        servers[0].shutdown()
    finally:
        subprocess.run(["ip", "netns", "delete", name], check=True)


@pytest.mark.parametrize(("path", "sound"), [("/healthz", True), ("/other", False)])
def test_the_probe_enters_the_network(namespace, path, sound):
    space, port = namespace
    config = {"Type": "HTTP", "Port": port, "ResourcePath": path, "FullyQualifiedDomainName": "lb.example"}
    found, said = asyncio.run(probe(config, lambda _name: Place("127.0.0.1", space)))
    assert found is sound
    assert "HTTP/1.0" in said


def test_outside_of_it_nobody_answers(namespace):
    _space, port = namespace
    config = {"Type": "TCP", "Port": port, "FullyQualifiedDomainName": "lb.example"}
    found, said = asyncio.run(probe(config, lambda _name: Place("127.0.0.1")))
    assert not found
    assert "ConnectionRefusedError" in said


def test_a_network_that_is_gone_is_a_failure(namespace):
    _space, port = namespace
    config = {"Type": "TCP", "Port": port, "FullyQualifiedDomainName": "lb.example"}
    found, _said = asyncio.run(probe(config, lambda _name: Place("127.0.0.1", Path("/run/netns/none"))))
    assert not found
