# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Let one call of a module's process fail as AWS, networks and servers do: calls of the API and statements of MySQL alike.

Installed in the process itself (`module_process`), below botocore's retries, so that these do what they do.
"""

from __future__ import annotations

import json
import os
import random
import re
import signal
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

KINDS = ("refusal", "time-out after success", "throttle", "stale read", "kill before", "kill after")
# Reads that AWS answers with what was, for a moment.
_EVENTUAL = ("DescribeDBInstances", "DescribeSecret", "ListSecrets")
# More than botocore's attempts, so that the fault is seen.
_BEYOND_RETRIES = 6


@dataclass(frozen=True)
class Fault:
    """What happens at which call. `burst` is to how many calls, `only` to which; `log` is where the process notes what it was."""

    call: int
    kind: str
    burst: int
    log: str
    only: str = ""

    @classmethod
    def drawn(cls, draw: random.Random, calls: int, log: Path) -> Fault:
        """Draw a fault at one of so many calls."""
        return cls(draw.randint(1, calls), draw.choice(KINDS), draw.choice((1, _BEYOND_RETRIES)), str(log))

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


class Injector:
    """Counts the calls of this process, and fails some."""

    def __init__(self, fault: Fault):
        self._fault = fault
        self._count = 0
        self._left = 0 if fault.kind.startswith("kill") else fault.burst
        self._answers: dict[tuple[str, bytes], Any] = {}

    def install(self) -> None:
        """Wrap what every client of AWS and every MySQL connection goes through."""
        from botocore.httpsession import URLLib3Session
        from pymysql.connections import Connection

        send, query = URLLib3Session.send, Connection.query

        def sending(session, request):
            return self._api(lambda: send(session, request), request)

        def querying(connection, sql, unbuffered=False):
            return self._statement(lambda: query(connection, sql, unbuffered), connection, sql)

        URLLib3Session.send, Connection.query = sending, querying

    def _note(self, what: str) -> None:
        with Path(self._fault.log).open("a") as file:
            file.write(f"{self._fault.kind} of {what} (call {self._count})\n")

    def _count_call(self, what: str) -> bool:
        """Return whether the fault may happen now."""
        self._count += 1
        Path(f"{self._fault.log}.calls").write_text(str(self._count))
        return self._count >= self._fault.call and self._fault.only in ("", what)

    def _kill(self, what: str, when: str) -> None:
        if self._count == self._fault.call and self._fault.kind == f"kill {when}":
            self._note(what)
            os.kill(os.getpid(), signal.SIGKILL)

    def _take(self, what: str) -> bool:
        if not self._left:
            return False
        self._left -= 1
        self._note(what)
        return True

    # The API

    def _api(self, send, request):
        what = _operation(request)
        due = self._count_call(what)
        self._kill(what, "before")
        key = (what, _body(request))
        kind = self._fault.kind if due else ""
        if kind == "refusal" and self._take(what):
            return _answer(request, what, _refusal(what))
        if kind == "throttle" and self._take(what):
            return _answer(request, what, "Throttling" if _is_query(request) else "ThrottlingException")
        if kind == "stale read" and key in self._answers and self._take(what):
            return self._answers[key]
        answer = send()
        self._kill(what, "after")
        if what in _EVENTUAL:
            assert answer.content is not None
            self._answers.setdefault(key, answer)
        if kind == "time-out after success" and self._take(what):
            from botocore.exceptions import ReadTimeoutError

            raise ReadTimeoutError(endpoint_url=request.url)
        return answer

    # MySQL

    def _statement(self, run, connection, sql):
        from pymysql.err import OperationalError

        what = re.sub(r"[('].*", "", " ".join(str(sql).split()[:2]))
        due = self._count_call(what)
        self._kill(what, "before")
        kind = self._fault.kind if due else ""
        if kind == "refusal" and self._take(what):
            raise OperationalError(1227, "Access denied; you need a privilege that was taken away")
        if kind == "throttle" and self._take(what):
            connection._force_close()
            raise OperationalError(2013, "Lost connection to MySQL server during query")
        found = run()
        self._kill(what, "after")
        if kind == "time-out after success" and self._take(what):
            connection._force_close()
            raise OperationalError(2013, "Lost connection to MySQL server during query")
        return found


def _is_query(request) -> bool:
    return "X-Amz-Target" not in request.headers


def _body(request) -> bytes:
    body = request.body or b""
    return body if isinstance(body, bytes) else str(body).encode()


def _operation(request) -> str:
    target = request.headers.get("X-Amz-Target")
    if target:
        return (target.decode() if isinstance(target, bytes) else target).rpartition(".")[2]
    return parse_qs(_body(request).decode()).get("Action", ["?"])[0]


def _refusal(what: str) -> str:
    return "InvalidDBInstanceState" if what == "PromoteReadReplica" else "AccessDeniedException"


def _answer(request, what: str, code: str):
    """Return an answer of AWS with an error."""
    from botocore.awsrequest import AWSResponse

    message = f"{what} is refused by the test"
    if _is_query(request):
        error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
        content, kind = f"<ErrorResponse>{error}<RequestId>0</RequestId></ErrorResponse>", "text/xml"
    else:
        content, kind = json.dumps({"__type": code, "message": message}), "application/x-amz-json-1.1"
    answer = AWSResponse(request.url, 400, {"Content-Type": kind}, None)
    answer._content = content.encode()
    return answer
