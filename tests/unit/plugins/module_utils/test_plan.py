# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import ast
from pathlib import Path

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change, converge, describe

PLUGINS = Path(__file__).parents[4] / "plugins"
CREATE = Change("create", "bucket", "a", None, {"size": 1})
UPDATE = Change("update", "tags", "b", {"size": 1}, {"size": 2}, title="bucket b")


class Counter:
    """Reconcile a number with 2; the first ``lag`` reads show it as it was at the beginning."""

    def __init__(self, value: int = 0, lag: int = 0):
        self.value = value
        self.lag = lag
        self.applied: list[list[Change]] = []
        self._shown = value

    def read(self) -> int:
        if self.lag:
            self.lag -= 1
        else:
            self._shown = self.value
        return self._shown

    def plan(self, current: int) -> list[Change]:
        return [] if current == 2 else [Change("update", "value", before=current, after=2)]

    def apply(self, changes: list[Change]) -> None:
        self.applied.append(changes)
        self.value = 2


def run(counter: Counter, *, check_mode: bool = False, timeout: float = 5):
    return converge(counter, check_mode=check_mode, timeout=timeout, interval=0)


def test_describe_takes_everything_from_the_plan():
    assert describe([CREATE, UPDATE]) == {
        "changed": True,
        "changes": [{"action": "create", "resource": "bucket a"}, {"action": "update", "resource": "bucket b"}],
        "diff": {
            "before": {"bucket a": None, "bucket b": {"size": 1}},
            "after": {"bucket a": {"size": 1}, "bucket b": {"size": 2}},
        },
    }
    assert describe([]) == {"changed": False, "changes": [], "diff": {"before": {}, "after": {}}}


def test_check_mode_returns_the_plan_and_applies_nothing():
    counter = Counter()
    changes, current = run(counter, check_mode=True)
    assert [change.before for change in changes] == [0]
    assert current == 0
    assert counter.applied == []


def test_without_a_change_nothing_is_applied():
    counter = Counter(value=2)
    assert run(counter) == ([], 2)
    assert counter.applied == []


def test_a_run_applies_the_plan_that_check_mode_returns_and_reads_again():
    announced, _current = run(Counter(), check_mode=True)
    counter = Counter()
    changes, current = run(counter)
    assert changes == announced
    assert counter.applied == [changes]
    assert current == 2


def test_a_run_waits_until_the_change_is_read_back():
    counter = Counter()
    counter.lag = 3  # the first read, and two that don't show the change yet
    assert run(counter)[1] == 2
    assert len(counter.applied) == 1


def test_a_change_that_is_never_read_back_is_an_error_that_names_it():
    counter = Counter()
    counter.lag = 1000000
    with pytest.raises(PlatformError, match="after waiting 0 s AWS still reports as needed: update value"):
        run(counter, timeout=0)


def test_a_change_never_shows_what_apply_needs_besides():
    change = Change("set", "password", data="hidden")
    assert change.resource == "password"
    assert "hidden" not in f"{change!r}{describe([change])}"
    assert change == Change("set", "password")


def classes() -> list[tuple[str, ast.ClassDef]]:
    files = sorted(PLUGINS.rglob("*.py"))
    return [
        (f"{file.relative_to(PLUGINS)}: {node.name}", node)
        for file in files
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
    ]


def test_every_reconciler_follows_the_protocol():
    found = {}
    for name, node in classes():
        methods = {
            item.name: [arg.arg for arg in item.args.args] for item in node.body if isinstance(item, ast.FunctionDef)
        }
        if {"read", "plan", "apply"} <= methods.keys():
            found[name] = (methods["read"], len(methods["plan"]), methods["apply"])
    assert len(found) >= 10
    assert {name: methods for name, methods in found.items() if methods != (["self"], 2, ["self", "changes"])} == {}


def test_changes_have_no_subclasses_and_their_texts_are_not_parsed():
    assert [name for name, node in classes() if any(ast.unparse(base) == "Change" for base in node.bases)] == []
    parsed = [
        f"{file.relative_to(PLUGINS)}: {line.strip()}"
        for file in sorted(PLUGINS.rglob("*.py"))
        for line in file.read_text(encoding="utf-8").splitlines()
        if any(
            f".resource.{method}" in line for method in ("split", "partition", "rpartition", "startswith", "removep")
        )
    ]
    assert parsed == []
