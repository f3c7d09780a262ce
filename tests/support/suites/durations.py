# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read and write the recorded seconds of test files and tests, which order the next run."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

# Tests below this are only part of their file's sum: the file stays small enough to be read.
_WORTH_A_LINE = 0.5


def file_of(nodeid: str) -> str:
    """Return the file of a test's node id."""
    return nodeid.partition("::")[0]


@dataclass
class Durations:
    """Seconds by file and by test, on a machine whose yardstick took `yardstick` seconds."""

    yardstick: float = 0.0
    files: dict[str, float] = field(default_factory=dict)
    tests: dict[str, float] = field(default_factory=dict)

    @classmethod
    def read(cls, file: Path) -> Durations:
        """Read the record; an empty one where there is none."""
        if not file.exists():
            return cls()
        kept = json.loads(file.read_text())
        tests = {
            f"{name}::{test}": took for name, entry in kept["files"].items() for test, took in entry["tests"].items()
        }
        return cls(kept["yardstick"], {name: entry["seconds"] for name, entry in kept["files"].items()}, tests)

    def of_test(self, nodeid: str) -> float:
        """Return a test's seconds; 0 for one that is short or unknown."""
        return self.tests.get(nodeid, 0.0)

    def of_file(self, name: str) -> float:
        """Return a file's seconds; infinite for an unknown one, which therefore starts first."""
        return self.files.get(name, float("inf"))

    def merge(self, seconds: dict[str, float], yardstick: float) -> None:
        """Record the tests of complete files, converted to the machine of the record; the first one sets its yardstick."""
        self.yardstick = self.yardstick or yardstick
        factor = yardstick / self.yardstick
        measured = {nodeid: took / factor for nodeid, took in seconds.items()}
        seen = {file_of(nodeid) for nodeid in measured}
        self.tests = {nodeid: took for nodeid, took in self.tests.items() if file_of(nodeid) not in seen}
        self.tests |= {nodeid: took for nodeid, took in measured.items() if took >= _WORTH_A_LINE}
        for name in seen:
            self.files[name] = sum(took for nodeid, took in measured.items() if file_of(nodeid) == name)

    def forget_missing(self, root: Path) -> None:
        """Drop files that are gone."""
        self.files = {name: took for name, took in self.files.items() if (root / name).exists()}
        self.tests = {nodeid: took for nodeid, took in self.tests.items() if file_of(nodeid) in self.files}

    def write(self, file: Path) -> None:
        """Write the record, longest file first."""
        files = {}
        for name, took in sorted(self.files.items(), key=lambda item: (-round(item[1], 1), item[0])):
            tests = {node.partition("::")[2]: seconds for node, seconds in self.tests.items() if file_of(node) == name}
            longest = sorted(tests.items(), key=lambda item: (-item[1], item[0]))
            files[name] = {"seconds": round(took, 1), "tests": {test: round(seconds, 1) for test, seconds in longest}}
        file.write_text(json.dumps({"yardstick": round(self.yardstick, 4), "files": files}, indent=1) + "\n")
