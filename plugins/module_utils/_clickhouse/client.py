# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Use ClickHouse's HTTP interface (clickhouse.com/docs/interfaces/http), with the standard library only."""

from __future__ import annotations

import http.client
import json
import re
import ssl
import typing as t
import urllib.parse

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError

_CODE = re.compile(r"Code:\s*(\d+)")
_TAIL = 4096  # characters of an answer that was cut off in which its error is looked for
_FIXES = {
    497: "Fix: grant the module's user this right (README of the role clickhouse_backup).",
    516: "Fix: check O(login_user) and O(login_password).",
}
Row = dict[str, t.Any]


class ClickHouseError(PlatformError):
    """An error of the server. `code` is ClickHouse's error code, 0 where it did not answer."""

    def __init__(self, text: str, code: int = 0):
        super().__init__(text)
        self.code = code


def answer_of(text: str) -> str:
    """Return a server's error text without its stack trace."""
    return text.partition(", Stack trace")[0].strip()


class ClickHouse:
    """One server. The password is sent in a header, so it is in no URL, and in no log of a proxy."""

    def __init__(self, url: str, user: str, password: str, trust: ssl.SSLContext | None, timeout: float):
        self._url = url
        self._headers = {"X-ClickHouse-User": user, "X-ClickHouse-Key": password}
        self._trust = trust
        self._timeout = timeout

    def rows(self, sql: str, parameters: dict[str, str] | None = None, timeout: float | None = None) -> list[Row]:
        """Return the rows of a SELECT, by column; `parameters` are the values of its placeholders. Raise ClickHouseError."""
        query = {f"param_{name}": value for name, value in (parameters or {}).items()}
        query |= {"default_format": "JSON", "output_format_json_quote_64bit_integers": "0"}
        answer = self._post(sql, query, timeout)
        try:
            return json.loads(answer)["data"]
        except ValueError as error:
            # An error after the first rows comes behind them, with the status 200 that was sent before.
            raise self._error(answer.decode(errors="replace")[-_TAIL:]) from error

    def run(self, sql: str, settings: dict[str, t.Any] | None = None, timeout: float | None = None) -> None:
        """Run a statement, with settings for it alone. Raise ClickHouseError."""
        self._post(sql, {name: str(value) for name, value in (settings or {}).items()}, timeout)

    def _post(self, sql: str, query: dict[str, str], timeout: float | None) -> bytes:
        # Not by urllib: a proxy from the environment must never see what goes to a database.
        connection = self._connection(timeout or self._timeout)
        try:
            connection.request("POST", f"/?{urllib.parse.urlencode(query)}", sql.encode(), self._headers)
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise ClickHouseError(
                f"ClickHouse at {self._url} does not answer: {error or type(error).__name__}. Fix: check O(login_host), "
                "O(login_port), O(login_tls) and O(login_ca_path), and whether the server runs."
            ) from error
        finally:
            connection.close()
        if answer.status != 200:
            raise self._refused(answer, content.decode(errors="replace"))
        return content

    def _connection(self, timeout: float) -> http.client.HTTPConnection:
        address = urllib.parse.urlsplit(self._url)
        if address.scheme == "https":
            return http.client.HTTPSConnection(address.hostname, address.port, timeout=timeout, context=self._trust)
        return http.client.HTTPConnection(address.hostname, address.port, timeout=timeout)

    def _refused(self, answer: http.client.HTTPResponse, content: str) -> ClickHouseError:
        code = int(answer.headers.get("X-ClickHouse-Exception-Code") or 0)
        return self._error(content or f"HTTP {answer.status}", code)

    def _error(self, content: str, code: int = 0) -> ClickHouseError:
        found = _CODE.search(content)
        code = code or int(found.group(1) if found else 0)
        text = answer_of(content[found.start() :] if found else content)
        fix = _FIXES.get(code)
        return ClickHouseError(
            f"ClickHouse at {self._url} answered: {text}" + (f" {fix}" if fix else ""),
            code,
        )
