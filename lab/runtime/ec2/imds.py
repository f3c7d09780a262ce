# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Serve instance metadata in a VPC: who asks is known by the address, and a token is wanted as in version 2.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html
"""

from __future__ import annotations

import asyncio
import re
import secrets
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus

from lab.runtime.control_client import ControlError
from lab.runtime.ec2 import metadata

_LONGEST = 21600
_VERSION = re.compile(r"^/(latest|\d{4}-\d{2}-\d{2})(/.*)?$")
_TOKEN_PATH = "/latest/api/token"
_TTL_HEADER, _TOKEN_HEADER = "x-aws-ec2-metadata-token-ttl-seconds", "x-aws-ec2-metadata-token"
# cloud-init walks the whole tree: it is read once for the walk.
_FRESH_FOR = 1.0


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


class Service:
    """Answers requests. `facts` and `credentials` return what the API knows about the instance at an address."""

    def __init__(self, facts: Callable[[str], dict | None], credentials: Callable[[str], dict | None]):
        self._facts = facts
        self._credentials = credentials
        self._tokens: dict[str, tuple[str, float]] = {}
        self._read: dict[str, tuple[float, dict | None]] = {}

    def answer(self, address: str, request: Request) -> Answer:
        facts = self._current(address)
        if facts is None:
            return Answer(HTTPStatus.NOT_FOUND)
        options = facts["instance"].get("MetadataOptions", {})
        if options.get("HttpEndpoint") == "disabled":
            return Answer(HTTPStatus.FORBIDDEN)
        if request.path == _TOKEN_PATH:
            return self._token(address, request)
        if request.method not in ("GET", "HEAD"):
            return Answer(HTTPStatus.METHOD_NOT_ALLOWED)
        if not self._allowed(address, request, options):
            return Answer(HTTPStatus.UNAUTHORIZED)
        return self._content(address, request.path, facts)

    def _current(self, address: str) -> dict | None:
        moment, facts = self._read.get(address, (0.0, None))
        if time.monotonic() - moment > _FRESH_FOR:
            facts = self._facts(address)
            self._read[address] = (time.monotonic(), facts)
        return facts

    def _token(self, address: str, request: Request) -> Answer:
        if request.method != "PUT":
            return Answer(HTTPStatus.METHOD_NOT_ALLOWED)
        if "x-forwarded-for" in request.headers:
            return Answer(HTTPStatus.FORBIDDEN)  # a proxy must not fetch tokens for others
        seconds = request.headers.get(_TTL_HEADER, "")
        if not seconds.isdigit() or not 1 <= int(seconds) <= _LONGEST:
            return Answer(HTTPStatus.BAD_REQUEST)
        self._tokens = {token: known for token, known in self._tokens.items() if known[1] > time.time()}
        token = secrets.token_urlsafe(42)
        self._tokens[token] = (address, time.time() + int(seconds))
        return Answer(HTTPStatus.OK, token.encode(), {_TTL_HEADER: seconds})

    def _allowed(self, address: str, request: Request, options: dict) -> bool:
        token = request.headers.get(_TOKEN_HEADER)
        if token is None:
            return options.get("HttpTokens") != "required"
        owner, expires = self._tokens.get(token, ("", 0.0))
        return owner == address and expires > time.time()

    def _content(self, address: str, path: str, facts: dict) -> Answer:
        if path == "/":
            return Answer(HTTPStatus.OK, b"latest")
        below = _VERSION.match(path)
        root = metadata.tree(facts, lambda: self._credentials(address))
        content = metadata.lookup(root, below[2] or "") if below else None
        return Answer(HTTPStatus.NOT_FOUND) if content is None else Answer(HTTPStatus.OK, content)


async def serve(service: Service, host: str, port: int = 80) -> None:
    """Answer HTTP on an address for as long as the process lives."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while request := await _read_request(reader):
                answer = await asyncio.to_thread(_guarded, service, writer.get_extra_info("peername")[0], request)
                writer.write(_head(request, answer))
                await writer.drain()
        except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # the other side hung up, or doesn't speak HTTP
        finally:
            writer.close()

    await asyncio.start_server(talk, host, port)


def _guarded(service: Service, address: str, request: Request) -> Answer:
    try:
        return service.answer(address, request)
    except ControlError as error:
        print(error, file=sys.stderr, flush=True)
        return Answer(HTTPStatus.SERVICE_UNAVAILABLE)


async def _read_request(reader: asyncio.StreamReader) -> Request | None:
    head = await reader.readuntil(b"\r\n\r\n") if not reader.at_eof() else b""
    if not head:
        return None
    first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    method, target, _version = first.split(" ")
    pairs = (line.partition(":") for line in lines)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(method, target.partition("?")[0], headers)


def _head(request: Request, answer: Answer) -> bytes:
    status = HTTPStatus(answer.status)
    headers = {
        "Content-Type": "text/plain",
        "Content-Length": str(len(answer.body)),
        "Server": "EC2ws",
        **answer.headers,
    }
    lines = [f"HTTP/1.1 {status.value} {status.phrase}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + (b"" if request.method == "HEAD" else answer.body)
