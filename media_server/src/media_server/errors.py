# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Errors that are reported to clients: an HTTP status, a code for programs and a message for people.

Code and message are sent to clients and written to logs. Neither may contain a secret, a token or a key.
"""

from __future__ import annotations

from typing import ClassVar


class MediaError(Exception):
    """An error that may be reported to a client: `status` (HTTP), `code` (kebab-case) and `message`."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message

    def __reduce__(self):
        # Errors are pickled between processes, and the default would lose what isn't in `args`.
        return _remade, (type(self), self.status, self.code, self.message)


class _StatusError(MediaError):
    """Base of the errors with a fixed status, raised with `code` and `message` only."""

    STATUS: ClassVar[int]

    def __init__(self, code: str, message: str) -> None:
        super().__init__(self.STATUS, code, message)


class BadInputError(_StatusError):
    """The request is not valid."""

    STATUS = 400


class UnauthorizedError(_StatusError):
    """The token is missing, not valid or expired."""

    STATUS = 401


class ForbiddenError(_StatusError):
    """The token is valid, but does not allow this."""

    STATUS = 403


class NotFoundError(_StatusError):
    """The resource does not exist, or not for this caller."""

    STATUS = 404


class ConflictError(_StatusError):
    """The current state of the resource does not allow the request."""

    STATUS = 409


class UnprocessableError(_StatusError):
    """The request is well formed, but its content can't be processed: not a video, or tampered with."""

    STATUS = 422


class DoubtfulError(UnprocessableError):
    """The tools failed to read the content: it may be damaged, or this host is."""


class UnavailableError(_StatusError):
    """A dependency fails, or this region takes no writes. Clients may retry after `retry_after_s` seconds."""

    STATUS = 503

    def __init__(self, code: str, message: str, *, retry_after_s: int = 5) -> None:
        super().__init__(code, message)
        self.retry_after_s = retry_after_s


def _remade(kind: type[MediaError], status: int, code: str, message: str) -> MediaError:
    return kind(code, message) if issubclass(kind, _StatusError) else kind(status, code, message)
