# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Try again what an old writer failed at, as long as it may still answer."""

from __future__ import annotations

import time
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError

_INTERVAL = 0.25
Result = t.TypeVar("Result")


def until_fenced(attempt: t.Callable[[], Result], deadline: float, warn: t.Callable[[str], None]) -> Result | None:
    """Return what an attempt at the old writer returns, or None with a warning.

    One that answers is not given up for a connection that was lost, since it would take writes on: until the deadline it is tried
    again.
    """
    while True:
        try:
            return attempt()
        except PlatformError as error:
            if time.monotonic() >= deadline:
                warn(f"The old writer can't be fenced yet: {error}")
                return None
        time.sleep(_INTERVAL)
