# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Report a backup that can't be relied on."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError

_SHOWN = 5


class UnsoundError(PlatformError):
    """A backup with faults. `faults` holds all of them, the message has the first ones."""

    def __init__(self, name: str, method: str, faults: t.Sequence[str]):
        more = f" and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
        super().__init__(
            f"The backup {name} is not sound ({len(faults)} fault(s) found by {method}): {'; '.join(faults[:_SHOWN])}{more}. "
            "Fix: make a new full backup, or restore from an older one."
        )
        self.faults = list(faults)
