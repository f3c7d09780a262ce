# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Findings of an outside tool that are kept, each with its reason."""

from __future__ import annotations

import fnmatch
from pathlib import Path

import yaml


class Accepted:
    """A file of accepted findings: the keys of an entry, apart from its `reason`, are patterns (fnmatch) of a finding's fields."""

    def __init__(self, file: Path) -> None:
        self._entries = yaml.safe_load(file.read_text()) or []
        self._matched: set[int] = set()

    def explain(self, **finding: str) -> bool:
        """Whether an entry accepts the finding. The entry counts as needed from then on."""
        for number, entry in enumerate(self._entries):
            patterns = {key: pattern for key, pattern in entry.items() if key != "reason"}
            if all(fnmatch.fnmatchcase(finding[key], pattern) for key, pattern in patterns.items()):
                self._matched.add(number)
                return True
        return False

    def unneeded(self) -> list[str]:
        """The reasons of entries that have accepted nothing so far."""
        return [entry["reason"] for number, entry in enumerate(self._entries) if number not in self._matched]
