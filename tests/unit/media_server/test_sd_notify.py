# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Notifications to systemd."""

from __future__ import annotations

import socket

import pytest
from media_server.sd_notify import notify


@pytest.mark.parametrize("kind", ["path", "abstract"])
def test_systemd_is_notified(tmp_path, monkeypatch, kind):
    address = str(tmp_path / "notify") if kind == "path" else f"@media-server-{tmp_path.name}-{id(tmp_path)}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(address.replace("@", "\0") if kind == "abstract" else address)
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        assert notify("READY=1")
        assert receiver.recv(100) == b"READY=1"


@pytest.mark.parametrize("address", ["", "relative/path"])
def test_without_systemd_nothing_is_sent(monkeypatch, address):
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    assert not notify("READY=1")
