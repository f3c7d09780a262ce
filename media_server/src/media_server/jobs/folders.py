# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Create a temporary folder for each job, and remove it afterwards, even if the worker was killed."""

from __future__ import annotations

import contextlib
import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PREFIX = "job-"


@contextmanager
def job_folder(parent: Path) -> Iterator[Path]:
    """Create a folder that is locked while it is in use, and removed at the end."""
    parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
    try:
        # The kernel releases the lock when the process ends, in any way.
        with (folder / ".lock").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_leftovers(parent: Path) -> int:
    """Remove the folders of killed workers, and none of running ones. Return how many were removed."""
    removed = 0
    for folder in sorted(parent.glob(f"{_PREFIX}*")):
        with contextlib.suppress(OSError), (folder / ".lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
            removed += 1
    return removed
