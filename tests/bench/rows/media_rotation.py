# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Rotations of media keys: how often a rewrap asks KMS, and how many assets a second it wraps anew."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from lab.settings import CHECKOUT
from tests.bench.harness import Context, Row


def measure(context: Context) -> Iterator[Row]:
    """Yield the rows."""
    sys.path.append(str(CHECKOUT / "media_server" / "src"))  # a package of its own, imported where it is used
    from tests.bench.rewraps import measure_rewraps

    yield from measure_rewraps(context)
