# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Model the journal of a failover: which step it is at, and what a run that resumes it must know. Pure, no client, no secret.

A step is in it before it is begun. Every step can be executed again, so a run that resumes repeats the one that was begun last.
"""

from __future__ import annotations

import dataclasses
import json
import typing as t

STEPS = {
    # fence: the writer takes no writes. drain: the replica has all of them. secrets, copies: after the writer is open.
    "planned": ("fence", "drain", "promote", "record", "open", "secrets", "copies"),
    # reach: fence the old writer if it answers. apply: what was received. late_fence: as soon as it can be reached.
    "emergency": ("reach", "apply", "promote", "record", "open", "secrets", "late_fence", "copies"),
}
# Before this step a planned failover can be taken back: nothing but the fence was changed.
POINT_OF_NO_RETURN = "promote"
# What a planned failover does instead, where an earlier step fails.
TAKE_BACK = "take_back"
# What a fence must know to be taken back; the other facts are of one attempt.
_OF_FENCES = ("accounts", "parameter_group", "read_only", "security_groups")
# These steps wait for the region that was left.
LATE = ("late_fence", "copies")


@dataclasses.dataclass(frozen=True)
class Place:
    """An instance, by region, identifier and endpoint."""

    region: str
    identifier: str
    endpoint: str

    def __str__(self) -> str:
        return f"{self.identifier} in {self.region}"


@dataclasses.dataclass(frozen=True)
class Journal:
    """The progress of one failover.

    ``marks`` are milliseconds since 1970, by the clock of the run that set them. ``outcome`` is empty until it is over.
    """

    name: str
    mode: str
    source: Place
    target: Place
    epoch: int
    fence: str
    doing: str = ""
    done: tuple[str, ...] = ()
    facts: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    marks: dict[str, int] = dataclasses.field(default_factory=dict)
    outcome: str = ""
    version: int = 0

    @property
    def finished(self) -> bool:
        """Return whether it is over."""
        return bool(self.outcome)

    @property
    def remaining(self) -> tuple[str, ...]:
        """Return the steps that are not done."""
        return tuple(step for step in STEPS[self.mode] if step not in self.done)

    @property
    def can_be_taken_back(self) -> bool:
        """Return whether the old writer may be opened again: no promotion was asked for."""
        steps = STEPS[self.mode]
        passed = (*self.done, self.doing)
        return not set(passed) & set(steps[steps.index(POINT_OF_NO_RETURN) :])

    def knowing(self, **facts: t.Any) -> Journal:
        """Return the journal with more facts."""
        return dataclasses.replace(self, facts=self.facts | facts)

    def marked(self, name: str, at: int) -> Journal:
        """Return the journal with a mark, unless it has it: a run that resumes doesn't shorten what was measured."""
        return self if name in self.marks else dataclasses.replace(self, marks=self.marks | {name: at})

    def begun(self, step: str) -> Journal:
        """Return the journal at the beginning of a step."""
        return dataclasses.replace(self, doing=step)

    def ended(self, step: str) -> Journal:
        """Return the journal at the end of a step."""
        done = self.done if step in self.done else (*self.done, step)
        return dataclasses.replace(self, doing="", done=done)

    def over(self, outcome: str) -> Journal:
        """Return the journal of a failover that is over."""
        return dataclasses.replace(self, doing="", outcome=outcome)

    def resumed(self) -> Journal:
        """Return the journal for a run that resumes. Until the promotion the fence is raised again, since it may be gone."""
        return dataclasses.replace(self, done=()) if self.mode == "planned" and self.can_be_taken_back else self

    def as_emergency(self) -> Journal:
        """Return a planned failover as an emergency, since its old region was lost. What was done counts.

        One that was being taken back begins anew: the old writer may be open or not.
        """
        if self.doing == TAKE_BACK:
            known = {name: fact for name, fact in self.facts.items() if name in _OF_FENCES}
            return dataclasses.replace(self, mode="emergency", doing="", done=(), facts=known, marks={})
        if self.mode == "emergency":
            return self
        same = {"fence": "reach", "drain": "apply"}
        done = tuple(dict.fromkeys(same.get(step, step) for step in self.done))
        return dataclasses.replace(self, mode="emergency", doing=same.get(self.doing, self.doing), done=done)

    def to_text(self) -> str:
        """Return it as stored: everything but the version, which the store keeps."""
        content = dataclasses.asdict(self)
        del content["version"]
        return json.dumps(content, sort_keys=True)

    @classmethod
    def from_text(cls, text: str, version: int) -> Journal:
        """Read it as stored."""
        content = json.loads(text)
        content |= {"source": Place(**content["source"]), "target": Place(**content["target"])}
        return cls(**content | {"done": tuple(content["done"]), "version": version})
