# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read and write the two files through which the emulator and the DNS server know of each other.

`zones.json`: what Route 53 holds, written by the emulator. `health.json`: what the probes found, written by the DNS server.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ZONES, HEALTH = "dns-zones.json", "dns-health.json"


def write(file: Path, value: Any) -> None:
    """Write a file anew, so that a reader never sees half of it."""
    new = file.with_suffix(".new")
    new.write_text(json.dumps(value))
    new.replace(file)


class Watched:
    """A file that is read again when it has changed."""

    def __init__(self, file: Path, default: Any):
        self._file = file
        self._stamp: tuple[int, int] | None = None
        self._value = default

    def read(self) -> tuple[bool, Any]:
        """Read the file: whether it has changed since the last reading, and what it holds."""
        try:
            status = self._file.stat()
        except FileNotFoundError:
            return False, self._value
        stamp = (status.st_mtime_ns, status.st_ino)
        if stamp == self._stamp:
            return False, self._value
        self._stamp, self._value = stamp, json.loads(self._file.read_text())
        return True, self._value
