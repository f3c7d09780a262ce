# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The error of everything that reads media files."""

from __future__ import annotations

from media_server.errors import UnprocessableError


class TamperedError(UnprocessableError):
    """The bytes are not what the packager wrote: damaged, forged, encrypted with another key, or of an unsupported kind."""

    def __init__(self, message: str) -> None:
        super().__init__("tampered", message)

    def __reduce__(self):
        return TamperedError, (self.message,)
