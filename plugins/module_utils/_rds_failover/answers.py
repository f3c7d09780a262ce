# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Tell what a failed call of AWS means: refused for certain, throttled, or perhaps done all the same. Pure functions."""

from __future__ import annotations

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import error_code

_THROTTLED = frozenset(
    {
        "BandwidthLimitExceeded",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})


def is_throttled(failure: Exception) -> bool:
    """Return whether AWS did nothing, and may do it when it is asked again."""
    return _code(failure) in _THROTTLED


def is_denied(failure: Exception) -> bool:
    """Return whether the run may not do what it asked for."""
    return _code(failure) in _DENIED


def is_refused(failure: Exception) -> bool:
    """Return whether AWS answered that it did not do it. An error of the server or of the line leaves that open."""
    answer = getattr(failure.__cause__, "response", None) or {}
    status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return 400 <= status < 500 and not is_throttled(failure)


def may_pass(failure: Exception) -> bool:
    """Return whether the same call may be answered otherwise a moment later."""
    return not is_refused(failure)


def _code(failure: Exception) -> str:
    return error_code(failure.__cause__) if failure.__cause__ else ""
