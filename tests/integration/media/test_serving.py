# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The server process: TLS, systemd notifications, and a stop that interrupts no response."""

from __future__ import annotations

import secrets
import signal
import socket
import ssl
import threading

import pytest

from tests.support.media_tier import MediaTier, free_port


@pytest.fixture
def second_server(tier, tmp_path):
    """Return a second server of the tier, on another port."""
    second_server = MediaTier(tier.lab, tmp_path, name=tier.name, key=tier.key)
    port = free_port()
    second_server.write(tier.settings | {"listen_port": port, "public_url": f"https://localhost:{port}"})
    return second_server


def test_systemd_is_told_when_it_serves_and_when_it_stops(second_server, tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(30)
        second_server.variables = {"NOTIFY_SOCKET": str(tmp_path / "notify")}
        with second_server.running("serve") as server:
            assert systemd.recv(100) == b"READY=1"
            assert server.stop(signal.SIGTERM) == 0
            assert systemd.recv(100) == b"STOPPING=1"


def test_a_response_in_progress_is_finished(second_server, tier):
    body = secrets.token_bytes(30 * 1024 * 1024)
    s3 = tier.lab("s3", tier.region)
    prefix = "media/acme/large"
    s3.put_object(Bucket=tier.name, Key=f"{prefix}/v1/0.ts", Body=body)
    pointer = b"""{"schema":1,"tenant":"acme","asset":"large","current":1,"previous":null,"rotation":null,"flipped_at":"2030",
        "versions":{"1":{"files":["0.ts"],"bytes":1,"scheme":"aes-128","kid":"00112233445566778899aabbccddeeff"}}}"""
    s3.put_object(Bucket=tier.name, Key=f"{prefix}/asset.json", Body=pointer)
    address = "/v1/play/acme/large/v1/0.ts"
    with second_server.running("serve") as server, second_server.client() as client:
        with client.stream("GET", address, params={"token": second_server.token("playback", asset="large")}) as answer:
            chunks = answer.iter_raw()
            got = bytearray(next(chunks))
            ended: list[int] = []
            stopping = threading.Thread(target=lambda: ended.append(server.stop(signal.SIGTERM)))
            stopping.start()
            stopping.join(0.5)
            for chunk in chunks:
                got += chunk
        stopping.join(30)
    assert ended == [0]
    assert bytes(got) == body


def test_old_tls_is_refused(tier, server):
    context = ssl.create_default_context(cafile=tier.settings["ca_bundle"])
    address = ("localhost", tier.settings["listen_port"])
    with socket.create_connection(address) as plain, context.wrap_socket(plain, server_hostname="localhost") as tls:
        assert tls.version() == "TLSv1.3"
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with socket.create_connection(address) as plain, pytest.raises(ssl.SSLError):
        context.wrap_socket(plain, server_hostname="localhost")


def test_a_used_port_ends_with_1(second_server):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", second_server.settings["listen_port"]))
        taken.listen()
        with second_server.started("serve") as server:
            assert server.process.wait(60) == 1
