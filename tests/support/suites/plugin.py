# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Order a run by what it took before, and let it fail where a suite is over its budget."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest

from tests.support import site_template
from tests.support.suites import leftovers
from tests.support.suites.budgets import Budgets, Used, lines
from tests.support.suites.durations import Durations, file_of
from tests.support.suites.yardstick import Yardstick

_NAME = "suites"


def pytest_addoption(parser) -> None:
    parser.addoption(
        "--write-durations",
        action="store_true",
        help="record what the files took in tests/durations.json, which orders the next run",
    )


def pytest_configure(config) -> None:
    if config.getoption("write_durations") and (config.getoption("keyword") or any("::" in arg for arg in config.args)):
        raise pytest.UsageError("--write-durations records whole files. Fix: leave out -k and test ids")
    # Workers report to the controller, which alone sees all of them.
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Suites(config), _NAME)
        config.add_cleanup(functools.partial(leftovers.end, leftovers.begin()))


def pytest_sessionstart(session) -> None:
    if not hasattr(session.config, "workerinput"):
        for line in leftovers.remove():
            print(f"left by a run that was killed: {line}")


class Suites:
    """Measures one run."""

    def __init__(self, config: pytest.Config):
        self._config = config
        self._folder = Path(config.rootpath) / "tests"
        self._budgets = Budgets.read(self._folder / "budgets.yml")
        self._record = self._folder / "durations.json"
        self._durations = Durations.read(self._record)
        self._yardstick = Yardstick()
        self._seconds: dict[str, float] = {}
        self._incomplete: set[str] = set()
        self._rows: list[Used] = []

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config, log):
        if config.getvalue("dist") != "loadfile":
            return None
        from tests.support.suites.scheduler import LongestFileFirst

        return LongestFileFirst(config, log, self._durations, site_template.waits)

    def pytest_runtest_logreport(self, report) -> None:
        self._yardstick.sample()
        if "soak" in report.keywords:
            return  # long on purpose: soaks have no budget
        self._seconds[report.nodeid] = self._seconds.get(report.nodeid, 0.0) + report.duration
        if not report.passed:
            self._incomplete.add(file_of(report.nodeid))

    def _factor(self) -> float:
        """How many times slower the machine is than that of the record."""
        return self._yardstick.seconds / self._durations.yardstick if self._durations.yardstick else 1.0

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session) -> None:
        self._rows = self._budgets.table(self._seconds, self._factor())
        if session.exitstatus == pytest.ExitCode.OK and any(row.problem for row in self._rows):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        if self._config.getoption("write_durations"):
            complete = {node: took for node, took in self._seconds.items() if file_of(node) not in self._incomplete}
            self._durations.merge(complete, self._yardstick.seconds)
            self._durations.forget_missing(Path(self._config.rootpath))
            self._durations.write(self._record)

    def pytest_terminal_summary(self, terminalreporter) -> None:
        if not self._rows:
            return
        terminalreporter.section("suites and their budgets")
        terminalreporter.write_line(f"this machine takes {self._factor():.2f} times as long as that of the record")
        for line in lines(self._rows):
            terminalreporter.write_line(line)
        for row in self._rows:
            if row.problem:
                terminalreporter.write_line(f"FAILED {row.problem}", red=True)
