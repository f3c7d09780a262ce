# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Middleware for every request: ID, log line, metrics, size limit and error responses."""

from __future__ import annotations

import asyncio
import time
import uuid
from typing import Any

import structlog
from botocore.exceptions import BotoCoreError, ClientError
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from media_server.errors import MediaError
from media_server.store.retries import error_code
from media_server.web.metrics import ServerMetrics

BODY_BYTES = 64 * 1024
_BODY_S = 20.0
_LONGEST_PATH = 200
DEPENDENCY_ERRORS = (BotoCoreError, ClientError)

log = structlog.get_logger("media_server.web")


def error_response(
    status: int, code: str, message: str, request_id: str, retry_after_s: int | None = None
) -> JSONResponse:
    """Return the response for an error."""
    headers = {"Cache-Control": "no-store"}
    if retry_after_s is not None:
        headers["Retry-After"] = str(retry_after_s)
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse({"code": code, "message": message, "request_id": request_id}, status, headers)


def response_to(error: Exception, request_id: str) -> tuple[JSONResponse, str]:
    """Return the response for an exception, and its code."""
    if isinstance(error, MediaError):
        retry = getattr(error, "retry_after_s", None)
        return error_response(error.status, error.code, error.message, request_id, retry), error.code
    if isinstance(error, DEPENDENCY_ERRORS):
        code = "dependency-failed"
        return error_response(
            503, code, "A service that this server depends on refused the call or failed.", request_id, 5
        ), code
    code = "internal-error"
    return error_response(
        500, code, "Internal error. Hint: search the server's log for this request_id.", request_id
    ), code


class Requests:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, metrics: ServerMetrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = _Request(scope, send)
        try:
            body = await _whole_body(scope, receive)
            await self._app(scope, _replay(body, receive), request.send)
        except Exception as error:
            answer, code = response_to(error, request.identity)
            request.code = code
            request.log_error(error, code)
            if request.status is None:
                await answer(scope, receive, request.send)
            else:
                # Part of the response is sent: the client must see that it is incomplete.
                raise
        finally:
            request.end(self._metrics)


class _Request:
    """One request, from its ID to its log line."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self.identity = uuid.uuid4().hex
        self.status: int | None = None
        self.code: str | None = None
        self._scope = scope
        self._send = send
        self._began = time.monotonic()
        scope.setdefault("state", {})["request"] = self

    async def send(self, message: Message) -> None:
        """Send a part of the response, with the headers that all responses have."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message = message | {"headers": [*message.get("headers", []), *self._headers()]}
        await self._send(message)

    def _headers(self) -> list[tuple[bytes, bytes]]:
        return [
            (b"x-request-id", self.identity.encode()),
            (b"x-content-type-options", b"nosniff"),
            # URLs contain tokens.
            (b"referrer-policy", b"no-referrer"),
            (b"strict-transport-security", b"max-age=31536000"),
        ]

    def log_error(self, error: Exception, code: str) -> None:
        """Log the details of an error that the client doesn't get."""
        if isinstance(error, MediaError):
            return
        if isinstance(error, DEPENDENCY_ERRORS):
            log.warning(
                "dependency failed", request_id=self.identity, error=type(error).__name__, aws_code=error_code(error)
            )
            return
        log.error("internal error", request_id=self.identity, code=code, exc_info=error)

    def end(self, metrics: ServerMetrics) -> None:
        """Record metrics and log the request, once the response is sent or failed."""
        seconds = time.monotonic() - self._began
        # 499 is nginx's status for a client that closed the connection.
        status = self.status or 499
        route = getattr(self._scope.get("route"), "path", "unknown")
        metrics.answered(self._scope["method"] if route != "unknown" else "any", route, status, seconds)
        if self.code and status < 500:
            metrics.refused(self.code)
        if route in ("/healthz", "/metrics") and status < 400:
            return
        log.info(
            "request",
            request_id=self.identity,
            method=self._scope["method"],
            path=self._scope["path"][:_LONGEST_PATH],
            status=status,
            code=self.code,
            seconds=round(seconds, 4),
            client=(self._scope.get("client") or ("",))[0],
            **self._subject(),
        )

    def _subject(self) -> dict[str, Any]:
        path = self._scope.get("path_params") or {}
        state = self._scope["state"]
        found = {name: state.get(name) or path.get(name) for name in ("tenant", "asset", "rotation_id")}
        return {name: str(value)[:80] for name, value in found.items() if value}


async def _whole_body(scope: Scope, receive: Receive) -> bytes:
    """Read the whole body, with a size limit, before the application sees it: no request of this API has a long one."""
    declared = dict(scope["headers"]).get(b"content-length", b"0")
    if not declared.isdigit() or int(declared) > BODY_BYTES:
        raise MediaError(413, "body-too-large", f"The maximum size of the body is {BODY_BYTES} bytes.")
    parts = bytearray()
    try:
        async with asyncio.timeout(_BODY_S):
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    return b""
                parts += message.get("body", b"")
                if len(parts) > BODY_BYTES:
                    raise MediaError(413, "body-too-large", f"The maximum size of the body is {BODY_BYTES} bytes.")
                if not message.get("more_body"):
                    return bytes(parts)
    except TimeoutError:
        raise MediaError(408, "body-too-slow", f"The body took longer than {_BODY_S:.0f} s.") from None


def _replay(body: bytes, receive: Receive) -> Receive:
    sent = False

    async def again() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
