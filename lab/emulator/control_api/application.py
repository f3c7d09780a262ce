# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Serve the control API: how the lab's own processes read the emulator's state and report to it, on a socket that no proxy relays.

A reconciler that asked the AWS API itself would fill its records of calls, and could not say that an instance runs.
`lab/runtime/control_client.py` is the client.
"""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable

Handler = Callable[[dict], object]


class ControlApi:
    """An ASGI application: `POST /<name>` with a JSON object calls the handler of that name and answers with JSON."""

    def __init__(self, handlers: dict[str, Handler]):
        self._handlers = handlers

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] != "http":
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        status, answer = self._answer(scope["path"].strip("/"), body)
        content = json.dumps(answer).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    def _answer(self, name: str, body: bytes) -> tuple[int, object]:
        if name not in self._handlers:
            return 404, f"no {name} here"
        try:
            return 200, self._handlers[name](json.loads(body or b"{}"))
        except Exception:  # the reason belongs in the log of whoever asked
            return 500, traceback.format_exc()
