# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A socket of the emulator that no front relays: what the lab's own processes see of the API's state, and report to it.

It runs in the emulator's process. A reconciler that asked the API itself would fill its records of calls, and could not say that
an instance runs. The other end is `lab/backstage_client.py`.
"""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable

from ministack.core import responses

from lab.settings import ACCOUNT_ID

Handler = Callable[[dict], object]


class Backstage:
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


def in_region(region: str) -> None:
    """From here on this request acts as one of the lab's account in `region`."""
    responses.set_request_account_id(ACCOUNT_ID)
    responses.set_request_region(region)
