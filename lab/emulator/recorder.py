# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Record every API call and its response, one JSON object a line; the bench replays them as a yardstick."""

from __future__ import annotations

import base64
import json
from pathlib import Path


class Recorder:
    """Appends calls to a file. The file holds what was sent and answered, so it belongs to the lab's private folder."""

    def __init__(self, file: Path):
        self._file = file.open("a", buffering=1)

    def around(self, application, region: str):
        """Return an ASGI application that records what passes through `application`."""

        async def recorded(scope, receive, send):
            if scope["type"] != "http":
                await application(scope, receive, send)
                return
            request, response = bytearray(), bytearray()
            status = 0

            async def listen():
                message = await receive()
                request.extend(message.get("body", b""))
                return message

            async def answer(message):
                nonlocal status
                status = message.get("status", status)
                response.extend(message.get("body", b""))
                await send(message)

            await application(scope, listen, answer)
            self._write(scope, region, bytes(request), status, bytes(response))

        return recorded

    def _write(self, scope: dict, region: str, request: bytes, status: int, response: bytes) -> None:
        call = {
            "region": region,
            "method": scope["method"],
            "path": scope["raw_path"].decode(),
            "query": scope["query_string"].decode(),
            "headers": {name.decode(): value.decode("latin-1") for name, value in scope["headers"]},
            "request": base64.b64encode(request).decode(),
            "status": status,
            "response": base64.b64encode(response).decode(),
        }
        self._file.write(json.dumps(call) + "\n")
