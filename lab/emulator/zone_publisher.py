# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Tell the DNS server what Route 53 holds, without an API call."""

from __future__ import annotations

import asyncio
from pathlib import Path

from lab.dns.files import ZONES, write
from lab.emulator.state.zones import take

_INTERVAL = 0.25


async def publish(folder: Path, stop: asyncio.Event) -> None:
    """Write the zones whenever they have changed, until `stop` is set."""
    written = None
    while not stop.is_set():
        taken = take()
        if taken != written:
            write(folder / ZONES, taken)
            written = taken
        try:
            await asyncio.wait_for(stop.wait(), _INTERVAL)
        except TimeoutError:
            continue
