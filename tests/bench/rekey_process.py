# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""`python -m tests.bench.rekey_process FOLDER MB`: re-keys so much, and says its peak memory in MB."""

from __future__ import annotations

import contextlib
import io
import re
import sys
from pathlib import Path

from media_server.rekey import TamperedError, read_track, rekey_segment, rekey_stream

_OLD_KEY, _NEW_KEY, _IV = (bytes(range(start, start + 16)) for start in (0, 16, 48))


class _Endless(io.RawIOBase):
    """Zeros, made as they are read."""

    def __init__(self, size: int):
        self._left = size

    def read(self, size: int = -1) -> bytes:
        count = min(size, self._left)
        self._left -= count
        return bytes(count)


def main(folder: Path, size: int) -> None:
    track = read_track((folder / "init.mp4").read_bytes())
    segments = sorted(folder.glob("*.m4s"))
    with Path("/dev/null").open("wb") as nowhere:
        done = 0
        while done < size:
            data = segments[done % len(segments)].read_bytes()
            nowhere.write(rekey_segment(data, track, _OLD_KEY, _NEW_KEY))
            done += len(data)
        # Zeros have no padding, which shows at the very end.
        with contextlib.suppress(TamperedError):
            rekey_stream(_Endless(size), nowhere, _OLD_KEY, _IV, _NEW_KEY, _IV)
    # Not ru_maxrss: that is the larger of ours and of the process that started us.
    (peak_kib,) = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    print(int(peak_kib) * 1024 / 1e6)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) * 1_000_000)
