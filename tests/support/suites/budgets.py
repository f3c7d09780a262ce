# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Give every test its suite, and compare what the suites took with their budgets in tests/budgets.yml."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.support.suites.durations import file_of


@dataclass(frozen=True)
class Used:
    """What a suite took: number of tests, their seconds, and the seconds that this machine allows it (None: no budget)."""

    suite: str
    tests: int
    seconds: float
    budget: float | None

    @property
    def problem(self) -> str | None:
        """What is wrong, with the remedy; None where the suite keeps its budget."""
        if self.budget is None:
            return f"suite {self.suite} has no budget. Fix: give it one in tests/budgets.yml"
        if self.seconds > self.budget:
            return (
                f"suite {self.suite} took {self.seconds:.0f} s of tests, over its budget of {self.budget:.0f} s."
                " Fix: make it shorter, or raise the budget in tests/budgets.yml and say why"
            )
        return None


@dataclass(frozen=True)
class Budgets:
    """Seconds by suite; a suite is a folder or a file below tests/, and the most specific one counts."""

    seconds: Mapping[str, float]

    @classmethod
    def read(cls, file: Path) -> Budgets:
        """Read the budgets; a suite without seconds of its own has those of a new tier."""
        kept = yaml.safe_load(file.read_text())
        return cls({suite: kept["new_tier"] if took is None else took for suite, took in kept["suites"].items()})

    def suite_of(self, nodeid: str) -> str:
        """Return a test's suite; its folder where no suite with a budget holds it."""
        file = Path(file_of(nodeid))
        path = file.relative_to("tests") if file.is_relative_to("tests") else file
        for candidate in (path, *path.parents):
            if str(candidate) in self.seconds:
                return str(candidate)
        return str(path.parent)

    def table(self, tests: Mapping[str, float], factor: float) -> list[Used]:
        """Sum up the tests' seconds by suite, the fullest first; budgets grow on a machine that is `factor` times slower."""
        found: dict[str, list[float]] = {}
        for nodeid, took in tests.items():
            found.setdefault(self.suite_of(nodeid), []).append(took)
        rows = []
        for suite, seconds in found.items():
            budget = self.seconds.get(suite)
            rows.append(Used(suite, len(seconds), sum(seconds), budget and budget * max(1.0, factor)))
        return sorted(rows, key=lambda row: -row.seconds)


def lines(rows: Iterable[Used]) -> list[str]:
    """Format the table."""
    text = [f"{'suite':32} {'tests':>6} {'seconds':>8} {'budget':>7} {'share':>6}"]
    for row in rows:
        budget, share = (f"{row.budget:.0f}", f"{row.seconds / row.budget:.0%}") if row.budget else ("none", "")
        text.append(f"{row.suite:32} {row.tests:6} {row.seconds:8.1f} {budget:>7} {share:>6}")
    return text
