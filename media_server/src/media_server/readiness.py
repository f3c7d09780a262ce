# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Check that the dependencies answer: all at the same time, each with a timeout."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from media_server.errors import MediaError
from media_server.services import Services
from media_server.store.retries import error_code

TIMEOUT_S = 3.0
# The result is cached for this long, however often load balancers ask.
KEPT_S = 2.0


@dataclass(frozen=True)
class Answer:
    """The result: `checks` by name, each with `ok`, `seconds` and, if it failed, `error`."""

    ready: bool
    region: str
    active_region: str | None
    checks: Mapping[str, Mapping[str, Any]]

    def to_json(self) -> dict[str, Any]:
        """Return the response of /readyz."""
        return {
            "ready": self.ready,
            "region": self.region,
            "active_region": self.active_region,
            "checks": {name: dict(found) for name, found in self.checks.items()},
        }


class Readiness:
    """Checks S3, SQS, KMS, Secrets Manager and the region record."""

    def __init__(self, services: Services, *, timeout_s: float = TIMEOUT_S, kept_s: float = KEPT_S) -> None:
        self._services = services
        self._timeout_s = timeout_s
        self._kept_s = kept_s
        self._checks: dict[str, Callable[[], Any]] = {
            "s3": self._s3,
            "sqs": services.queue.depth,
            "kms": self._kms,
            "token-keys": services.tokens.keys.read,
            "region-record": services.active_region.name,
        }
        self._pool = ThreadPoolExecutor(len(self._checks), thread_name_prefix="readiness")
        self._running: dict[str, Future[tuple[Any, float]]] = {}
        self._lock = threading.Lock()
        self._kept: tuple[float, Answer] | None = None

    def check(self) -> Answer:
        """Return the result, which may be some seconds old."""
        with self._lock:
            if self._kept is None or time.monotonic() - self._kept[0] >= self._kept_s:
                answer = self._ask()
                self._kept = (time.monotonic(), answer)
            return self._kept[1]

    def _ask(self) -> Answer:
        began = time.monotonic()
        # A check that still hangs isn't started again.
        for name, check in self._checks.items():
            if name not in self._running or self._running[name].done():
                self._running[name] = self._pool.submit(_timed, check)
        running = dict(self._running)
        found = {name: self._result(future, began) for name, future in running.items()}
        active = found["region-record"].pop("value", None)
        for result in found.values():
            result.pop("value", None)
        ready = all(result["ok"] for result in found.values())
        return Answer(ready, self._services.settings.region, active, found)

    def _result(self, future: Future[tuple[Any, float]], began: float) -> dict[str, Any]:
        try:
            value, seconds = future.result(max(0.0, self._timeout_s - (time.monotonic() - began)))
        except FutureTimeoutError:
            return {"ok": False, "error": f"no answer within {self._timeout_s:g} s"}
        except MediaError as error:
            return {"ok": False, "error": error.code}
        except (BotoCoreError, ClientError) as error:
            return {"ok": False, "error": error_code(error)}
        return {"ok": True, "seconds": round(seconds, 3), "value": value}

    def _s3(self) -> None:
        self._services.clients.s3.head_bucket(Bucket=self._services.settings.bucket)

    def _kms(self) -> None:
        self._services.kms.resolve(self._services.settings.envelope_key)


def _timed(check: Callable[[], Any]) -> tuple[Any, float]:
    began = time.monotonic()
    value = check()
    return value, time.monotonic() - began
