# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""What can go wrong, as a client is told: an HTTP status, a code for programs, a sentence for people.

Code and message go into answers and logs. Neither may hold a secret, a token or a key.
"""

from __future__ import annotations

from typing import ClassVar


class MediaError(Exception):
    """Something went wrong that a client may be told: `status` (HTTP), `code` (kebab-case) and `message`."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message

    def __reduce__(self):
        # Errors cross process borders, and Exception's own way would leave out what isn't in `args`.
        return _remade, (type(self), self.status, self.code, self.message)


class _StatusError(MediaError):
    """A subclass that stands for one status: raised with `code` and `message` only."""

    STATUS: ClassVar[int]

    def __init__(self, code: str, message: str) -> None:
        super().__init__(self.STATUS, code, message)


class BadInputError(_StatusError):
    """The request itself is wrong."""

    STATUS = 400


class UnauthorizedError(_StatusError):
    """No token, or one that isn't valid (any more)."""

    STATUS = 401


class ForbiddenError(_StatusError):
    """A valid token that doesn't allow this."""

    STATUS = 403


class NotFoundError(_StatusError):
    """There is no such thing, or not for this caller."""

    STATUS = 404


class ConflictError(_StatusError):
    """The state that the request is about doesn't allow it (now)."""

    STATUS = 409


class UnprocessableError(_StatusError):
    """Well formed, but what it holds can't be processed: not a video, or tampered with."""

    STATUS = 422


class UnavailableError(_StatusError):
    """Something that the server depends on fails, or this region takes no writes: worth another try after `retry_after_s`."""

    STATUS = 503

    def __init__(self, code: str, message: str, *, retry_after_s: int = 5) -> None:
        super().__init__(code, message)
        self.retry_after_s = retry_after_s


def _remade(kind: type[MediaError], status: int, code: str, message: str) -> MediaError:
    return kind(code, message) if issubclass(kind, _StatusError) else kind(status, code, message)
