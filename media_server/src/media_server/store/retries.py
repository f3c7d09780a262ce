# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Retry calls to throttling or failing services, with full jitter, until a deadline.

Full jitter: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError, IncompleteReadError, ResponseStreamingError

from media_server.errors import UnavailableError

Result = TypeVar("Result")

_BUSY = {
    "ConditionalRequestConflict",
    "InternalError",
    "InternalFailure",
    "KMSInternalException",
    "KeyUnavailableException",
    "DependencyTimeoutException",
    "OperationAborted",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestTimeout",
    "ServiceUnavailable",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
}
_LONGEST_PAUSE_S = 5.0


def error_code(error: Exception) -> str:
    """Return AWS's error code, or the name of the error's class."""
    response = getattr(error, "response", None)
    return str(response.get("Error", {}).get("Code", "")) if response else type(error).__name__


def http_status(error: Exception) -> int:
    """Return the HTTP status of AWS's response; 0 if there was none."""
    response = getattr(error, "response", None)
    return int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)) if response else 0


def is_retryable(error: Exception) -> bool:
    """Return whether a retry of the same request may succeed."""
    if isinstance(error, ClientError):
        return error_code(error) in _BUSY or http_status(error) in (429, 500, 502, 503, 504)
    return isinstance(error, (HTTPClientError, IncompleteReadError, ResponseStreamingError))


@dataclass(frozen=True)
class Retries:
    """The deadline, in seconds from the first attempt, and the length of the first pause."""

    deadline_s: float = 60.0
    first_pause_s: float = 0.1
    clock: Callable[[], float] = field(default=time.monotonic, repr=False)
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)
    draw: Callable[[float, float], float] = field(default=random.uniform, repr=False)

    def __call__(self, what: str, attempt: Callable[[], Result]) -> Result:
        """Return the result of `attempt`. Raise UnavailableError at the deadline; raise any other error at once."""
        until = self.clock() + self.deadline_s
        number = 0
        while True:
            try:
                return attempt()
            except (BotoCoreError, ClientError) as error:
                if not is_retryable(error):
                    raise
                number += 1
                pause = self.draw(0, min(_LONGEST_PAUSE_S, self.first_pause_s * 2**number))
                if self.clock() + pause >= until:
                    message = f"Could not {what}: {error_code(error)} after {number} tries in {self.deadline_s:.0f} s."
                    raise UnavailableError("unavailable", message) from error
                self.sleep(pause)
