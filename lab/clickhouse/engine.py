# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""ClickHouse's own engine in this process, with a connection for each request and for each session."""

from __future__ import annotations

import contextlib
import re
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import chdb

_CODE = re.compile(r"Code:\s*(\d+)")


class EngineError(Exception):
    """What the engine answered, with ClickHouse's own error code."""

    def __init__(self, message: str):
        super().__init__(message)
        found = _CODE.search(message)
        self.code = int(found.group(1)) if found else 1002  # UNKNOWN_EXCEPTION


class Engine:
    """The engine over one data directory. A process can hold a single one, and no second process may open its directory."""

    def __init__(self, data: Path, configuration: Path):
        self._uploads = data / "uploads"
        self._uploads.mkdir(parents=True, exist_ok=True)
        self._target = f"{data}?config-file={configuration}"
        self._keeper = chdb.connect(self._target)  # the engine lives as long as a connection does
        self._sessions: dict[str, tuple[chdb.Connection, threading.Lock]] = {}
        self._lock = threading.Lock()
        self.version = self._keeper.query("SELECT version()", "TSVRaw").bytes().decode().strip()

    def close(self) -> None:
        self._keeper.close()

    def execute(
        self,
        sql: str,
        data: bytes,
        *,
        output_format: str,
        session: str | None,
        database: str | None,
        settings: dict[str, str],
        parameters: dict[str, str],
    ) -> bytes:
        """Run one statement; `data` is what an INSERT ... FORMAT puts in. Raises EngineError."""
        try:
            with self._connection(session) as connection:
                if database:
                    connection.query(f"USE {_quoted(database, '`')}")
                for name, value in settings.items():
                    connection.query(f"SET {name} = {_quoted(value, "'")}")
                if data:
                    return self._insert(connection, sql, data)
                answer = (
                    connection.query(sql, output_format, params=parameters)
                    if parameters
                    else connection.query(sql, output_format)
                )
                return answer.bytes() if answer is not None else b""
        except RuntimeError as error:
            raise EngineError(str(error)) from error

    @contextlib.contextmanager
    def _connection(self, session: str | None) -> Iterator[chdb.Connection]:
        if session is None:
            connection = chdb.connect(self._target)
            try:
                yield connection
            finally:
                connection.close()
            return
        with self._lock:
            if session not in self._sessions:
                self._sessions[session] = (chdb.connect(self._target), threading.Lock())
            connection, turn = self._sessions[session]
        with turn:
            yield connection

    def _insert(self, connection: chdb.Connection, sql: str, data: bytes) -> bytes:
        head, _, name = sql.rstrip().rstrip(";").rpartition("FORMAT ")
        with tempfile.NamedTemporaryFile(dir=self._uploads) as upload:
            upload.write(data)
            upload.flush()
            connection.query(f"{head} FROM INFILE '{upload.name}' FORMAT {name}")
        return b""


def _quoted(text: str, quote: str) -> str:
    return quote + text.replace("\\", "\\\\").replace(quote, "\\" + quote) + quote
