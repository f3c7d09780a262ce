# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""ClickHouse's HTTP interface (clickhouse.com/docs/interfaces/http), with nothing but the standard library."""

from __future__ import annotations

import http.client
import json
import re
import ssl
import typing as t
import urllib.error
import urllib.parse
import urllib.request

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError

_CODE = re.compile(r"Code:\s*(\d+)")
_ADVICE = {
    497: "Grant the module's user this right.",
    516: "Check O(login_user) and O(login_password).",
}
Row = dict[str, t.Any]


class ClickHouseError(PlatformError):
    """What the server answered. `code` is ClickHouse's own error code, 0 where it did not answer at all."""

    def __init__(self, text: str, code: int = 0):
        super().__init__(text)
        self.code = code


def answer_of(text: str) -> str:
    """A server's error text without its stack trace."""
    return text.partition(", Stack trace")[0].strip()


class ClickHouse:
    """One server. The password travels in a header: it is in no URL, so in no log of a proxy either."""

    def __init__(self, url: str, user: str, password: str, trust: ssl.SSLContext | None, timeout: float):
        self._url = url
        self._headers = {"X-ClickHouse-User": user, "X-ClickHouse-Key": password}
        self._trust = trust
        self._timeout = timeout

    def rows(self, sql: str, parameters: dict[str, str] | None = None, timeout: float | None = None) -> list[Row]:
        """The rows of a SELECT, by column; its placeholders `{name:Type}` stand for `parameters`. Raises ClickHouseError."""
        query = {f"param_{name}": value for name, value in (parameters or {}).items()}
        query |= {"default_format": "JSON", "output_format_json_quote_64bit_integers": "0"}
        answer = self._post(sql, query, timeout)
        return json.loads(answer)["data"]

    def run(self, sql: str, settings: dict[str, t.Any] | None = None, timeout: float | None = None) -> None:
        """Run a statement, with settings that hold for it alone. Raises ClickHouseError."""
        self._post(sql, {name: str(value) for name, value in (settings or {}).items()}, timeout)

    def _post(self, sql: str, query: dict[str, str], timeout: float | None) -> bytes:
        request = urllib.request.Request(
            f"{self._url}/?{urllib.parse.urlencode(query)}", data=sql.encode(), headers=self._headers
        )
        try:
            with urllib.request.urlopen(request, timeout=timeout or self._timeout, context=self._trust) as answer:
                return answer.read()
        except urllib.error.HTTPError as error:
            raise self._refused(error) from error
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", error)
            raise ClickHouseError(
                f"ClickHouse at {self._url} does not answer: {reason}. Check O(login_host), O(login_port), O(login_tls) and "
                "O(login_ca_path), and whether the server runs."
            ) from error

    def _refused(self, error: urllib.error.HTTPError) -> ClickHouseError:
        text = answer_of(error.read().decode(errors="replace"))
        found = _CODE.search(text)
        code = int(error.headers.get("X-ClickHouse-Exception-Code") or (found.group(1) if found else 0))
        advice = _ADVICE.get(code)
        return ClickHouseError(
            f"ClickHouse at {self._url} answered: {text or f'HTTP {error.code}'}" + (f" {advice}" if advice else ""),
            code,
        )
