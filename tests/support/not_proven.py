# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The report ends with what this lab can't show: `@pytest.mark.not_proven("what, and what was done in its place")`."""

from __future__ import annotations

import pytest

_MARKER = "not_proven"


def pytest_configure(config) -> None:
    config.addinivalue_line("markers", f"{_MARKER}(what): what of the test's subject the lab can't show")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item) -> None:
    # A property, since of markers nothing comes back from the workers.
    item.user_properties += [(_MARKER, marker.args[0]) for marker in item.iter_markers(_MARKER)]


def pytest_terminal_summary(terminalreporter) -> None:
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.stats.get(kind, [])]
    lines = {value for report in reports for name, value in report.user_properties if name == _MARKER}
    if lines:
        terminalreporter.section("not proven in this lab")
        for line in sorted(lines):
            terminalreporter.write_line(line)
