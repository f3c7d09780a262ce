# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Raise errors that say what was being done, to which resource, in which region, what AWS answered, and what to do."""

from __future__ import annotations

import contextlib
import typing as t

try:
    from botocore.exceptions import BotoCoreError, ClientError
except ImportError:  # AnsibleAWSModule reports the missing library
    BotoCoreError = ClientError = None

_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError"}
_BAD_CREDENTIALS = {
    "AuthFailure",
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}


class PlatformError(Exception):
    """An error with a complete message, which is shown to the user as it is."""


def error_code(error: Exception) -> str:
    """Return AWS's code of a ClientError, else the name of the exception's class."""
    response = getattr(error, "response", None)
    return response.get("Error", {}).get("Code", "") if response else type(error).__name__


def is_answered(failure: PlatformError) -> bool:
    """Return whether AWS answered, if only with an error. A region that doesn't may be lost."""
    return ClientError is None or not isinstance(failure.__cause__, BotoCoreError)


def explain(error: Exception) -> str:
    """Return what AWS answered, and what to do about it where that is known."""
    code = error_code(error)
    if ClientError is None or not isinstance(error, ClientError):
        answer = f"{type(error).__name__}: {error}"
        fix = (
            " Fix: check the region's endpoint and the network to it."
            if "Endpoint" in code or "Connect" in code
            else ""
        )
        return answer + fix
    message = error.response.get("Error", {}).get("Message") or "no message"
    answer = f"{error.operation_name} answered {code}: {message}"
    if code in _DENIED:
        return f"{answer}. Fix: allow the operator's role this action."
    if code in _BAD_CREDENTIALS:
        return f"{answer}. Fix: check the credentials this run uses (AWS_PROFILE, or AWS_ACCESS_KEY_ID and its secret)."
    return answer


def found_or_none(what: str, call: t.Callable[[], t.Any], *missing: str) -> t.Any:
    """Return what ``call`` returns, or None where AWS answers one of the codes in ``missing``; ``what`` as for ``doing``."""
    try:
        with doing(what):
            return call()
    except PlatformError as failure:
        if error_code(failure.__cause__) in missing:
            return None
        raise


@contextlib.contextmanager
def doing(what: str) -> t.Iterator[None]:
    """Turn AWS's errors into a PlatformError that begins with what was being done."""
    try:
        yield
    except PlatformError:
        raise
    except Exception as error:
        if ClientError is not None and isinstance(error, (BotoCoreError, ClientError)):
            raise PlatformError(f"Could not {what}: {explain(error)}") from error
        raise
