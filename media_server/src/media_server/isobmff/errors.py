# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The one error of all that reads media."""

from __future__ import annotations

from media_server.errors import UnprocessableError


class TamperedError(UnprocessableError):
    """The bytes are not what the packager wrote: damaged, forged, encrypted under another key, or of a kind we never write."""

    def __init__(self, message: str) -> None:
        super().__init__("tampered", message)

    def __reduce__(self):
        return TamperedError, (self.message,)
