# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Ask several things at the same time, and give up on those that don't answer in time."""

from __future__ import annotations

import dataclasses
import queue
import threading
import time
import typing as t


class NoAnswerError(Exception):
    """Nothing was answered in time."""


@dataclasses.dataclass(frozen=True)
class Answer:
    """What a call returned, or the exception it raised."""

    value: t.Any = None
    error: Exception | None = None

    @property
    def good(self) -> bool:
        return self.error is None


class Questions:
    """Calls in progress, each in a thread of its own that does not outlive the process."""

    def __init__(self) -> None:
        self._answered: queue.SimpleQueue[tuple[str, Answer]] = queue.SimpleQueue()
        self._started = time.monotonic()
        self._asked: list[str] = []
        self.answers: dict[str, Answer] = {}

    def ask(self, calls: t.Mapping[str, t.Callable[[], t.Any]]) -> None:
        """Start the calls."""
        for name, call in calls.items():
            self._asked.append(name)
            threading.Thread(target=self._run, args=(name, call), daemon=True).start()

    def _run(self, name: str, call: t.Callable[[], t.Any]) -> None:
        try:
            answer = Answer(value=call())
        except Exception as error:  # whoever asked judges it
            answer = Answer(error=error)
        self._answered.put((name, answer))

    def wait(self, until: float, enough: t.Callable[[dict[str, Answer]], bool] = lambda _answers: False) -> None:
        """Collect answers until all are there, or ``enough``, or ``until`` seconds after the start."""
        while len(self.answers) < len(self._asked) and not enough(self.answers):
            left = self._started + until - time.monotonic()
            try:
                name, answer = self._answered.get(timeout=max(left, 0.001))
            except queue.Empty:
                return
            self.answers[name] = answer

    def of(self, name: str) -> Answer:
        """The answer to one question; NoAnswerError where there is none yet."""
        waited = time.monotonic() - self._started
        return self.answers.get(name, Answer(error=NoAnswerError(f"no answer within {waited:.0f} s")))


def ask_all(calls: t.Mapping[str, t.Callable[[], t.Any]], until: float) -> dict[str, Answer]:
    """Make all calls at the same time; each has an answer, be it NoAnswerError."""
    questions = Questions()
    questions.ask(calls)
    questions.wait(until)
    return {name: questions.of(name) for name in calls}
