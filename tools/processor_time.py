# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Run a command and print how much processor time the machine spent on which kind of process.

    python -m tools.processor_time [--json FILE] -- make test

/proc is read five times a second, so the last 0.2 s of each process are missed: they are the row `not attributed`, which is
/proc/stat's time less that of all processes seen. `idle` is what the processors waited.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

_INTERVAL = 0.2
_TICKS = os.sysconf("SC_CLK_TCK")

# The first pattern that a command line matches names the kind of its process.
_KINDS = (
    ("modules of Ansible", re.compile(r"AnsiballZ|ansible-tmp-|\.ansible/tmp")),
    ("lint and sanity", re.compile(r"ansible-lint|ansible-test|ansible_test|yamllint|ruff|shellcheck|reuse|antsibull")),
    ("Ansible and Molecule", re.compile(r"ansible-playbook|ansible-galaxy|ansible-doc|ansible-inventory|molecule")),
    ("emulator", re.compile(r"lab\.(aws_api|emulator)")),
    ("reconcilers, proxies, DNS", re.compile(r"-m lab\b")),
    ("MySQL", re.compile(r"mysqld?\b|mysqldump")),
    ("ClickHouse", re.compile(r"clickhouse")),
    ("media server and its tools", re.compile(r"media_server|media-server|ffmpeg|ffprobe")),
    ("browser", re.compile(r"chromium|chrome")),
    ("Docker engine", re.compile(r"dockerd|containerd|runc|^docker\b|/docker\b")),
    ("pytest", re.compile(r"pytest|execnet|exec\(eval\(sys\.stdin")),
    ("set-up", re.compile(r"mmdebstrap|apt-get|/uv\b|pip\b|npm\b|compileall")),
)


def kind(command_line: str, in_container: bool) -> str:
    """Name the kind of a process by its command line."""
    for name, pattern in _KINDS:
        if pattern.search(command_line):
            return name
    return "hosts (systemd and what they run)" if in_container else "others"


class Sampler(threading.Thread):
    """Read the processor time of all processes until told to stop; `seconds` holds it by kind."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.stopped = threading.Event()
        self._seen: dict[tuple[str, str], tuple[str, int]] = {}
        self._before = self._read()
        self._begin = _machine()

    def run(self) -> None:
        while not self.stopped.wait(_INTERVAL):
            self._seen |= self._read()

    def seconds(self) -> dict[str, float]:
        """Sum up the processor time since the start, by kind."""
        busy, idle = (after - before for after, before in zip(_machine(), self._begin, strict=True))
        found: Counter[str] = Counter()
        for key, (name, ticks) in self._seen.items():
            found[name] += ticks - self._before.get(key, ("", 0))[1]
        found["not attributed"] = max(0, busy - sum(found.values()))
        found["idle"] = idle
        return {name: round(ticks / _TICKS, 1) for name, ticks in found.most_common()}

    @staticmethod
    def _read() -> dict[tuple[str, str], tuple[str, int]]:
        found = {}
        for folder in Path("/proc").iterdir():
            if not folder.name.isdigit():
                continue
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
                line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                in_container = "docker" in (folder / "cgroup").read_text()
            except OSError:  # it has ended
                continue
            found[folder.name, fields[19]] = (kind(line, in_container), int(fields[11]) + int(fields[12]))
        return found


def _machine() -> tuple[int, int]:
    """Read the ticks that all processors were busy and idle (proc(5))."""
    user, nice, system, idle, iowait, irq, softirq, *_ = map(
        int, Path("/proc/stat").read_text().splitlines()[0].split()[1:]
    )
    return user + nice + system + irq + softirq, idle + iowait


def main() -> int:
    parser = argparse.ArgumentParser(description="Run a command and print the processor time by kind of process.")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    sampler = Sampler()
    sampler.start()
    started = time.monotonic()
    ended = subprocess.run(command, check=False)
    elapsed = time.monotonic() - started
    sampler.stopped.set()
    sampler.join()
    figures = sampler.seconds()
    total = sum(figures.values())
    for name, seconds in figures.items():
        print(f"{name:36} {seconds:9.1f} s  {100 * seconds / total:5.1f} %", file=sys.stderr)
    print(f"{'elapsed':36} {elapsed:9.1f} s  on {os.cpu_count()} processors", file=sys.stderr)
    if options.json:
        options.json.write_text(
            json.dumps({"elapsed": round(elapsed, 1), "processors": os.cpu_count(), "seconds": figures}, indent=2)
            + "\n"
        )
    return ended.returncode


if __name__ == "__main__":
    sys.exit(main())
