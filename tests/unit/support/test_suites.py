# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Recorded durations order a run, and budgets limit its suites."""

from __future__ import annotations

import itertools
import json
from collections import OrderedDict
from pathlib import Path

import pytest

from lab.settings import CHECKOUT
from tests.support.suites.budgets import Budgets, lines
from tests.support.suites.durations import Durations
from tests.support.suites.scheduler import next_file
from tests.support.suites.yardstick import Yardstick

pytest_plugins = ("pytester",)

BUDGETS = Budgets({"unit": 10.0, "lab": 20.0, "lab/rds": 30.0, "integration/test_targets.py": 40.0})


@pytest.mark.parametrize(
    ("nodeid", "suite"),
    [
        ("tests/unit/support/test_a.py::test_b[c::d]", "unit"),
        ("tests/lab/test_a.py::test_b", "lab"),
        ("tests/lab/rds/test_a.py::test_b", "lab/rds"),
        ("tests/integration/test_targets.py::test_target[x]", "integration/test_targets.py"),
        ("tests/new_tier/deep/test_a.py::test_b", "new_tier/deep"),
    ],
)
def test_the_most_specific_suite_counts(nodeid, suite):
    assert BUDGETS.suite_of(nodeid) == suite


def test_a_suite_over_its_budget_and_one_without_are_problems():
    rows = BUDGETS.table({"tests/unit/test_a.py::test_b": 6.0, "tests/unit/test_a.py::test_c": 6.0}, factor=1.0)
    assert [(row.suite, row.tests, row.seconds) for row in rows] == [("unit", 2, 12.0)]
    assert "suite unit took 12 s of tests, over its budget of 10 s" in rows[0].problem
    (none,) = BUDGETS.table({"tests/other/test_a.py::test_b": 0.1}, factor=9.0)
    assert "suite other has no budget" in none.problem
    assert any("120%" in line for line in lines(rows))


@pytest.mark.parametrize(("factor", "kept"), [(0.5, False), (1.0, False), (1.3, True)])
def test_a_slower_machine_gets_more(factor, kept):
    (row,) = BUDGETS.table({"tests/unit/test_a.py::test_b": 12.0}, factor)
    assert (row.problem is None) == kept


def test_every_test_file_has_a_budget():
    budgets = Budgets.read(CHECKOUT / "tests" / "budgets.yml")
    files = [str(file.relative_to(CHECKOUT)) for file in (CHECKOUT / "tests").rglob("test_*.py")]
    files = [file for file in files if not file.startswith("tests/soak/")]
    assert not [file for file in files if budgets.suite_of(file) not in budgets.seconds]
    assert all(took > 0 for took in budgets.seconds.values())


def test_the_longest_file_starts_first_and_unknown_ones_before_it():
    durations = Durations(1.0, {"short": 1.0, "long": 100.0, "middle": 50.0})
    waiting = OrderedDict.fromkeys(["short", "long", "new", "middle"])
    order = []
    while waiting:
        order.append(next_file(waiting, durations, busy_s=0.0))
        del waiting[order[-1]]
    assert order == ["new", "long", "middle", "short"]


def test_behind_a_long_test_waits_the_shortest_file():
    durations = Durations(1.0, {"short": 1.0, "long": 100.0, "middle": 50.0})
    assert next_file(OrderedDict.fromkeys(["long", "middle", "short"]), durations, busy_s=90.0) == "short"


def test_a_file_that_would_wait_for_another_one_comes_last():
    durations = Durations(1.0, {"short": 1.0, "long": 100.0})
    assert next_file(OrderedDict.fromkeys(["long", "short"]), durations, 0.0, lambda file: file == "long") == "short"
    assert next_file(OrderedDict.fromkeys(["long"]), durations, 0.0, lambda file: file == "long") == "long"


def test_a_record_survives_writing_and_reading(tmp_path):
    (tmp_path / "a.py").touch()
    record = Durations(0.05, {"a.py": 3.0, "gone.py": 1.0}, {"a.py::test[x::y]": 2.0, "gone.py::test": 1.0})
    record.forget_missing(tmp_path)
    record.write(tmp_path / "durations.json")
    assert Durations.read(tmp_path / "durations.json") == Durations(0.05, {"a.py": 3.0}, {"a.py::test[x::y]": 2.0})
    assert Durations.read(tmp_path / "none.json") == Durations()


def test_a_measurement_replaces_its_files_and_is_converted_to_the_records_machine():
    record = Durations()
    record.merge({"a.py::one": 4.0, "a.py::two": 0.1, "b.py::one": 9.0}, yardstick=0.1)
    assert (record.yardstick, record.files) == (0.1, {"a.py": 4.1, "b.py": 9.0})
    record.merge({"a.py::three": 6.0}, yardstick=0.2)
    assert record.files == {"a.py": 3.0, "b.py": 9.0}
    assert record.tests == {"a.py::three": 3.0, "b.py::one": 9.0}


def test_the_yardstick_is_the_mean_of_samples_that_lie_apart():
    moments = itertools.chain([0, 1, 5, 30, 33], itertools.repeat(34))
    yardstick = Yardstick(work=lambda: None, clock=lambda: next(moments))
    assert yardstick.seconds == 0.0
    for _ in range(4):
        yardstick.sample()
    assert yardstick.seconds == 2.0


@pytest.fixture
def checkout(pytester):
    """A project of its own, with the plugin: three files of which one is long."""
    tests = pytester.mkdir("tests")
    pytester.makeconftest('pytest_plugins = ("tests.support.suites.plugin",)')
    for folder, seconds in (("fast", 0.0), ("slow", 0.6)):
        (tests / folder).mkdir()
        (tests / folder / "test_it.py").write_text(f"import time\ndef test_it():\n    time.sleep({seconds})\n")
    (tests / "budgets.yml").write_text("new_tier: 240\nsuites:\n  fast:\n  slow: 30\n")
    pytester.makeini(f"[pytest]\npythonpath = {CHECKOUT}\naddopts = --import-mode=importlib -p no:cacheprovider\n")
    return pytester


@pytest.mark.parametrize("workers", [(), ("-n", "2", "--dist", "loadfile")])
def test_a_run_prints_the_table_and_writes_durations(checkout, workers):
    ran = checkout.runpytest_subprocess("tests", "--write-durations", *workers)
    assert ran.ret == 0
    ran.stdout.fnmatch_lines(["*suites and their budgets*", "slow * 1 * 30 *", "fast * 1 * 240 *"])
    record = json.loads(Path(checkout.path, "tests", "durations.json").read_text())
    assert list(record["files"]) == ["tests/slow/test_it.py", "tests/fast/test_it.py"]
    assert record["files"]["tests/slow/test_it.py"]["tests"] == {"test_it": pytest.approx(0.6, abs=0.5)}
    again = checkout.runpytest_subprocess("tests", *workers)
    assert again.ret == 0


@pytest.mark.parametrize("workers", [(), ("-n", "2", "--dist", "loadfile")])
def test_a_suite_over_its_budget_fails_the_run_with_its_name(checkout, workers):
    Path(checkout.path, "tests", "budgets.yml").write_text("new_tier: 240\nsuites:\n  slow: 0.1\n")
    ran = checkout.runpytest_subprocess("tests", *workers)
    assert ran.ret == 1
    ran.stdout.fnmatch_lines(
        ["FAILED suite slow took * s of tests, over its budget*", "FAILED suite fast has no budget*"]
    )
    ran.assert_outcomes(passed=2)


def test_soaks_have_no_budget(checkout):
    Path(checkout.path, "tests", "slow", "test_it.py").write_text(
        "import pytest\n@pytest.mark.soak\ndef test_it():\n    pass\n"
    )
    Path(checkout.path, "tests", "budgets.yml").write_text("new_tier: 240\nsuites:\n  fast:\n")
    ran = checkout.runpytest_subprocess("tests", "-W", "ignore")
    assert ran.ret == 0
    ran.assert_outcomes(passed=2)


def test_durations_of_parts_of_files_are_refused(checkout):
    assert checkout.runpytest_subprocess("tests", "--write-durations", "-k", "it").ret == pytest.ExitCode.USAGE_ERROR
