# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""ClickHouse's HTTP interface (clickhouse.com/docs/interfaces/http) over the engine: parameters, codes and headers."""

from __future__ import annotations

import base64
import gzip
import hmac
import json
import re
import uuid
import zlib
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qsl, urlsplit

import lz4.frame

from lab.clickhouse.engine import Engine, EngineError
from lab.clickhouse.rights import BACKUP_PROFILE, refusal, role_refusal

# What a request says about itself rather than about the query (docs: "Cases of HTTP interface parameters").
_RESERVED = {
    "query",
    "database",
    "default_format",
    "user",
    "password",
    "session_id",
    "session_timeout",
    "session_check",
    "compress",
    "decompress",
    "query_id",
    "role",
    "wait_end_of_query",
    "buffer_size",
    "send_progress_in_http_headers",
    "http_headers_progress_interval_ms",
    "enable_http_compression",
    "client_protocol_version",
    "stacktrace",
    "quota_key",
}
# HTTP status by ClickHouse error code; every other is 500.
_STATUS = {36: 400, 43: 400, 47: 404, 46: 404, 48: 501, 60: 404, 62: 400, 81: 404, 115: 404, 497: 403, 516: 403}
_NAME = re.compile(r"\w+")
_INSERT = re.compile(rb"\s*INSERT\s[^\n]*?\bFORMAT\s+\w+[ \t]*\r?\n", re.IGNORECASE)
_NO_PROGRESS = json.dumps(
    dict.fromkeys(
        ["read_rows", "read_bytes", "written_rows", "written_bytes", "total_rows_to_read", "result_rows", "elapsed_ns"],
        "0",
    )
)


@dataclass(frozen=True)
class Service:
    """What the requests of one server share."""

    engine: Engine
    user: str
    administrator: str
    password: str
    of_role: tuple[str, ...] = ()  # the collections without a key, which use the server's role


class Handler(BaseHTTPRequestHandler):
    """One connection of a client."""

    protocol_version = "HTTP/1.1"
    # As ClickHouse does: head and body are two writes, and Nagle's algorithm would hold the second back for 40 ms.
    disable_nagle_algorithm = True
    service: Service

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self._body())

    def log_message(self, *_arguments) -> None:
        """Requests are in system.query_log; their headers hold passwords."""

    def _answer(self, body: bytes) -> None:
        address = urlsplit(self.path)
        asked = dict(parse_qsl(address.query, keep_blank_values=True))
        self._query_id = asked.get("query_id") or str(uuid.uuid4())
        if address.path == "/ping":
            self._send(200, b"Ok.\n")
            return
        user, password = self._credentials(asked)
        service = self.service
        if user not in (service.user, service.administrator) or not hmac.compare_digest(
            password.encode(), service.password.encode()
        ):
            self._refuse(
                f"Code: 516. DB::Exception: {user}: Authentication failed: password is incorrect, or there is no user with "
                "such name. (AUTHENTICATION_FAILED)",
                516,
            )
            return
        try:
            self._send(200, self._run(asked, body, user), **{"X-ClickHouse-Format": self._format(asked)})
        except EngineError as error:
            self._refuse(str(error), error.code)

    def _run(self, asked: dict[str, str], body: bytes, user: str) -> bytes:
        sql, data = asked.get("query", ""), body
        if not sql:
            head = _INSERT.match(body)
            sql, data = (head.group(0).decode(), body[head.end() :]) if head else (body.decode(), b"")
        elif not re.search(r"\bINSERT\b", sql, re.IGNORECASE):
            sql, data = f"{sql}\n{body.decode()}".strip(), b""
        refused = refusal(user, sql) if user == self.service.user else ""
        if refused:
            raise EngineError(refused)
        settings = {k: v for k, v in asked.items() if k not in _RESERVED and not k.startswith("param_")}
        for name in settings:
            if not _NAME.fullmatch(name):
                raise EngineError(f"Code: 115. DB::Exception: Setting {name} is neither a builtin setting nor custom.")
        settings = (BACKUP_PROFILE if user == self.service.user else {}) | settings
        refused = role_refusal(sql, settings, self.service.of_role)
        if refused:
            raise EngineError(refused)
        return self.service.engine.execute(
            sql,
            data,
            output_format=self._format(asked),
            session=asked.get("session_id"),
            database=asked.get("database") or self.headers.get("X-ClickHouse-Database"),
            settings=settings,
            parameters={k[6:]: v for k, v in asked.items() if k.startswith("param_")},
        )

    def _format(self, asked: dict[str, str]) -> str:
        return self.headers.get("X-ClickHouse-Format") or asked.get("default_format") or "TabSeparated"

    def _credentials(self, asked: dict[str, str]) -> tuple[str, str]:
        scheme, _, value = self.headers.get("Authorization", "").partition(" ")
        if scheme == "Basic":
            user, _, password = base64.b64decode(value).decode().partition(":")
            return user, password
        user = self.headers.get("X-ClickHouse-User") or asked.get("user", "default")
        return user, self.headers.get("X-ClickHouse-Key") or asked.get("password", "")

    def _body(self) -> bytes:
        body = self._chunks() if self.headers.get("Transfer-Encoding", "").lower() == "chunked" else None
        if body is None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        encoding = self.headers.get("Content-Encoding", "")
        if encoding == "gzip":
            return gzip.decompress(body)
        if encoding == "deflate":
            return zlib.decompress(body)
        return _all_frames(body) if encoding == "lz4" else body

    def _chunks(self) -> bytes:
        body = bytearray()
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return bytes(body)

    def _refuse(self, message: str, code: int) -> None:
        text = f"{message} (version {self.service.engine.version})\n" if "(version" not in message else f"{message}\n"
        self._send(_STATUS.get(code, 500), text.encode(), **{"X-ClickHouse-Exception-Code": str(code)})

    def _send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        standard = {
            "Content-Type": "text/plain; charset=UTF-8",
            "Content-Length": str(len(body)),
            "X-ClickHouse-Server-Display-Name": "lab",
            "X-ClickHouse-Timezone": "UTC",
            "X-ClickHouse-Query-Id": self._query_id,
            "X-ClickHouse-Summary": _NO_PROGRESS,
        }
        for name, value in (standard | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def _all_frames(body: bytes) -> bytes:
    """Clients send several LZ4 frames in a row."""
    content = bytearray()
    while body:
        frame = lz4.frame.LZ4FrameDecompressor()
        content += frame.decompress(body)
        body = frame.unused_data
    return bytes(content)
