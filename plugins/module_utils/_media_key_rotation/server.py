# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Send requests to the media server of one region, by HTTPS that names it, also through a tunnel. Standard library only."""

from __future__ import annotations

import http.client
import json
import random
import socket
import ssl
import time
import typing as t
from urllib.parse import urlsplit

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError

_CONNECT_TIMEOUT = 10.0
# A plan of many assets takes the server a while.
_TIMEOUT = 300.0
_PATIENCE = 60.0
_LONGEST_PAUSE = 5.0
_BUSY = {429, 500, 502, 503, 504}
_FIXES = {
    401: "Fix: check O(token_secret), and the clocks of both hosts.",
    403: "Fix: check O(token_secret).",
}


class ServerError(PlatformError):
    """An error of the server. ``status`` is 0 where it didn't answer; ``code`` is the server's own."""

    def __init__(self, text: str, status: int = 0, code: str = ""):
        super().__init__(text)
        self.status = status
        self.code = code


class _Connection(http.client.HTTPSConnection):
    """A connection to ``address`` where that is given. The certificate has to name the host of the URL in any case."""

    def __init__(self, host: str, port: int | None, address: str | None, trust: ssl.SSLContext):
        super().__init__(host, port, timeout=_TIMEOUT, context=trust)
        self._trust = trust
        reached, _colon, other = (address or "").partition(":")
        self._reached = (reached or host, int(other or self.port))

    def connect(self) -> None:
        raw = socket.create_connection(self._reached, timeout=_CONNECT_TIMEOUT)
        try:
            raw.settimeout(self.timeout)
            self.sock = self._trust.wrap_socket(raw, server_hostname=self.host)
        except Exception:
            raw.close()
            raise


class MediaServer:
    """The server of ``region`` at ``url``. ``sign`` returns a token for each request."""

    def __init__(self, region: str, url: str, address: str | None, authority: str | None, sign: t.Callable[[], str]):
        self.region = region
        self._url = urlsplit(url)
        self._address = address
        self._sign = sign
        try:
            self._trust = ssl.create_default_context(cafile=authority)
        except OSError as error:
            raise PlatformError(f"The certificate authorities in {authority} can't be read: {error}") from error

    def plan(self, request: t.Mapping[str, t.Any], *, dry_run: bool) -> dict[str, t.Any]:
        """Return the plan and the phase of a rotation, and create it unless ``dry_run``."""
        return self._repeat("POST", "/v1/rotations", {**request, "dry_run": dry_run})

    def status(self, rotation: str) -> dict[str, t.Any]:
        """Return the phase of a rotation in this region."""
        return self._repeat("GET", f"/v1/rotations/{rotation}")

    def request(self, rotation: str, what: str, body: t.Mapping[str, t.Any] | None = None) -> dict[str, t.Any]:
        """``start``, ``verify``, ``rollback`` or ``finalize`` a rotation. All requests may be repeated."""
        return self._repeat("POST", f"/v1/rotations/{rotation}/{what}", body or {})

    def _repeat(self, method: str, path: str, body: t.Mapping[str, t.Any] | None = None) -> dict[str, t.Any]:
        until = time.monotonic() + _PATIENCE
        number = 0
        while True:
            try:
                return self._once(method, path, body)
            except ServerError as error:
                number += 1
                pause = random.uniform(0, min(_LONGEST_PAUSE, 0.2 * 2**number))
                final = error.code == "not-active" or (error.status and error.status not in _BUSY)
                if final or time.monotonic() + pause >= until:
                    raise
                time.sleep(pause)

    def _once(self, method: str, path: str, body: t.Mapping[str, t.Any] | None) -> dict[str, t.Any]:
        headers = {"Authorization": f"Bearer {self._sign()}", "Accept": "application/json"}
        content = None
        if body is not None:
            content = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        # Not by urllib: a proxy of the environment must not get an administrator's token.
        connection = _Connection(str(self._url.hostname), self._url.port, self._address, self._trust)
        try:
            connection.request(method, path, content, headers)
            answer = connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException) as error:
            text = f"The media server of {self.region} at {self._url.geturl()} does not answer: {error or type(error).__name__}."
            raise ServerError(f"{text} Fix: check O(servers), O(tls_ca), and whether it runs.") from error
        finally:
            connection.close()
        return self._read(answer.status, text, f"{method} {path}")

    def _read(self, status: int, text: bytes, what: str) -> dict[str, t.Any]:
        try:
            content = json.loads(text)
        except ValueError:
            content = None
        if status < 300 and isinstance(content, dict):
            return content
        answer = content if isinstance(content, dict) else {}
        message = answer.get("message") or f"HTTP {status}"
        request = f" (request {answer['request_id']})" if answer.get("request_id") else ""
        fix = f" {_FIXES[status]}" if status in _FIXES else ""
        text_ = f"The media server of {self.region} answered {what}: {status} {answer.get('code', '')}: {message}{request}{fix}"
        raise ServerError(text_, status, str(answer.get("code", "")))
