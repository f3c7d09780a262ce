# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read and write the seconds that restores are told."""

from __future__ import annotations

import datetime

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError


def parse_moment(text: str) -> datetime.datetime:
    """Return the second that O(restore_time) names, in UTC."""
    try:
        moment = datetime.datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise PlatformError(
            f"{text!r} is no moment with a time zone. Fix: state O(restore_time) as in 2026-03-14T09:26:53Z. Nothing was changed."
        )
    return moment.astimezone(datetime.UTC).replace(microsecond=0)


def written(moment: datetime.datetime) -> str:
    """Write a moment as results and tags hold it."""
    return moment.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
