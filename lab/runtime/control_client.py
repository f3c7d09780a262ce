# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Ask the emulator's control API (lab/emulator/control_api)."""

from __future__ import annotations

import http.client
import json
import socket
from pathlib import Path

_TIMEOUT = 20.0


class ControlError(Exception):
    """The emulator did not answer on its control socket, or could not do what it was asked."""


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path):
        super().__init__("control", timeout=_TIMEOUT)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(_TIMEOUT)
        self.sock.connect(str(self._path))


def ask(path: Path, name: str, question: dict | None = None) -> object:
    """Call the handler `name`; returns its answer."""
    connection = _UnixConnection(path)
    try:
        connection.request("POST", f"/{name}", json.dumps(question or {}))
        answer = connection.getresponse()
        content = json.loads(answer.read())
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise ControlError(f"{name}: no answer at {path}: {error}") from error
    finally:
        connection.close()
    if answer.status != 200:
        raise ControlError(f"{name}: {content}")
    return content
