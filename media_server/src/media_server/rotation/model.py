# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The documents of a rotation: its plan, the items of its shards, and their outcomes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from media_server.rotation.params import Params, Scope
from media_server.store.documents import SCHEMA


@dataclass(frozen=True)
class Item:
    """A unit of work: one asset, or a tenant with `assets` assets. `objects` and `bytes` are what will be written."""

    tenant: str
    asset: str | None
    objects: int
    bytes: int
    assets: int = 1
    kms_calls: int = 0

    @property
    def name(self) -> str:
        """Return the item's name for resume markers and failures."""
        return f"{self.tenant}/{self.asset}" if self.asset else self.tenant


@dataclass(frozen=True)
class Plan:
    """What a rotation will do. `lanes` shards run at the same time; `digest` identifies the list of shards.

    `estimated`: objects and bytes are extrapolated from a sample of the assets.
    """

    rotation: str
    params: Params
    target_kms_key_arn: str | None
    assets: int
    objects: int
    bytes: int
    kms_calls: int
    expected_s: float
    shards: int
    lanes: int
    digest: str
    resume_marker: str | None
    created_at: str
    estimated: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the document as it is stored."""
        return {"schema": SCHEMA, **self.__dict__, "params": self.params.to_json()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Plan:
        """Build the object from its stored document."""
        values = {name: value for name, value in data.items() if name not in ("schema", "params")}
        stored = dict(data["params"])
        scope = Scope(**stored.pop("scope"))
        return cls(params=Params(scope=scope, rotation_id=data["rotation"], **stored), **values)

    @property
    def figures(self) -> dict[str, Any]:
        """Return the figures that are shown before a rotation."""
        names = ("assets", "objects", "bytes", "kms_calls", "expected_s", "estimated")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True)
class Failure:
    """An item that failed, and why."""

    item: str
    code: str
    message: str


@dataclass(frozen=True)
class Outcome:
    """The outcome of items: assets done, assets that needed no change, failures, and the cost."""

    done: int = 0
    skipped: int = 0
    failures: tuple[Failure, ...] = ()
    objects: int = 0
    bytes: int = 0
    kms_calls: int = 0
    seconds: float = 0.0

    def __add__(self, other: Outcome) -> Outcome:
        return Outcome(**{name: getattr(self, name) + getattr(other, name) for name in self.__dict__})

    def to_json(self) -> dict[str, Any]:
        """Return the document as it is stored."""
        return {"schema": SCHEMA, **asdict(self), "seconds": round(self.seconds, 3)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Outcome:
        """Build the object from its stored document."""
        values = {name: value for name, value in data.items() if name != "schema"}
        return cls(**values | {"failures": tuple(Failure(**item) for item in data["failures"])})


def total(outcomes: Iterable[Outcome]) -> Outcome:
    """Return the sum of the outcomes."""
    return sum(outcomes, Outcome())


@dataclass(frozen=True)
class Verification:
    """How thoroughly a rotation was verified, and the result."""

    level: str
    checked: int = 0
    failed: int = 0
    at: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the document as it is stored."""
        return asdict(self)


@dataclass(frozen=True)
class State:
    """The progress of a rotation.

    A round is one pass over all shards, for one task. `settled` is the phase before it, to which it returns on failure.
    `retain_from` is when the obsolete versions became obsolete; `obsolete` says which those are once it is finalized:
    `source` or `target`.
    """

    rotation: str
    phase: str
    round: int
    since: str
    settled: str = "planned"
    retain_from: str | None = None
    done: int = 0
    skipped: int = 0
    failures: tuple[Failure, ...] = ()
    verify_level: str | None = None
    verification: Verification | None = None
    obsolete: str | None = None
    measured: Mapping[str, float] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the document as it is stored."""
        verification = self.verification.to_json() if self.verification else None
        failures = [asdict(item) for item in self.failures]
        return {"schema": SCHEMA, **self.__dict__, "failures": failures, "verification": verification}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> State:
        """Build the object from its stored document."""
        values = {name: value for name, value in data.items() if name != "schema"}
        verification = data.get("verification")
        failures = tuple(Failure(**item) for item in data["failures"])
        state = cls(**values | {"failures": failures, "verification": None})
        return replace(state, verification=Verification(**verification) if verification else None)
