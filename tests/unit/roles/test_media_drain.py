# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A media host's watch for its end: it outlives a metadata service and a group that don't answer yet."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from lab.settings import CHECKOUT


@pytest.fixture(scope="module")
def drain():
    spec = importlib.util.spec_from_file_location("drain", CHECKOUT / "roles/media/files/drain.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("state", "leaves"),
    [("Terminated", True), ("InService", False), ("", False), ("Warmed:Terminated", False)],
)
def test_only_who_is_to_be_terminated_leaves(drain, state, leaves):
    asked = []
    assert drain.is_leaving(lambda path: asked.append(path) or state) is leaves
    assert asked == ["autoscaling/target-lifecycle-state"]


def test_a_metadata_service_that_does_not_answer_is_asked_again(drain, capsys):
    pauses, answers = [], [OSError("no route"), False, True]

    def look() -> bool:
        answer = answers.pop(0)
        if isinstance(answer, OSError):
            raise answer
        return answer

    drain.wait_for_the_end(look, pauses.append)
    assert (answers, pauses) == ([], [drain.LOOKS_EVERY] * 2)
    assert "no route" in capsys.readouterr().out


def test_the_file_is_made_at_the_end_and_not_before(drain, tmp_path: Path, monkeypatch):
    file = tmp_path / "leaving"
    monkeypatch.setattr(
        drain, "wait_for_the_end", lambda: pytest.fail("it was there before") if file.exists() else None
    )
    drain.watch(str(file))
    assert file.exists()


def test_a_group_that_does_not_wait_yet_is_told_again(drain):
    told, pauses = [], []

    def complete() -> None:
        told.append(1)
        if len(told) < 3:
            raise LookupError("no active lifecycle action")

    drain.go_on(complete, (LookupError,), pauses.append)
    assert (len(told), len(pauses)) == (3, 2)


def test_what_it_does_not_expect_ends_it_so_that_it_is_started_again(drain):
    with pytest.raises(ZeroDivisionError):
        drain.go_on(lambda: 1 / 0, (LookupError,), lambda _seconds: None)
