# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Compare a parameter group of RDS with what is wanted of it. Pure functions, no client."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils import _rds_parameters as parameters
from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import Finding
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change


@dataclasses.dataclass(frozen=True)
class Wanted:
    """A parameter group as the options ask for it. A value of None is RDS's default."""

    name: str
    family: str
    description: str
    parameters: dict[str, str | None] = dataclasses.field(default_factory=dict)
    tags: dict[str, str] | None = None


@dataclasses.dataclass(frozen=True)
class State:
    """What RDS has: the group's family, None where there is none, the parameters that users set, tags, and types by parameter."""

    family: str | None
    types: dict[str, parameters.Known]
    arn: str = ""
    held: dict[str, str] = dataclasses.field(default_factory=dict)
    tags: dict[str, str] = dataclasses.field(default_factory=dict)


def check(wanted: Wanted, state: State) -> list[Finding]:
    """Find what RDS would refuse, or what can't be changed."""
    return [Finding("wrong", wanted.name, text) for text in _faults(wanted, state)]


def _faults(wanted: Wanted, state: State) -> t.Iterator[str]:
    if state.family and state.family != wanted.family:
        yield (
            f"The parameter group {wanted.name} is of the family {state.family}, not {wanted.family}, and RDS can't change that. "
            "Fix: state the family that it has; for another version of MySQL, give the instance a group of another name."
        )
    if not state.types:
        yield f"RDS knows no parameter family {wanted.family}."
        return
    for name, value in sorted(wanted.parameters.items()):
        known = state.types.get(name)
        problem = f"{name} is no parameter of {wanted.family} that can be set." if known is None else None
        if known and value is not None:
            problem = parameters.fault(name, value, known)
        if problem:
            yield f"The parameter group {wanted.name}: {problem}"


def plan(wanted: Wanted, state: State) -> list[Change]:
    """Plan the creation or the change of the group. Parameters and tags of others are left."""
    stated = {name: value for name, value in wanted.parameters.items() if value is not None}
    differing = parameters.differing(stated, state.held, state.types, purge=False)
    differing |= {
        name: None for name, value in sorted(wanted.parameters.items()) if value is None and name in state.held
    }
    tags = {key: value for key, value in (wanted.tags or {}).items() if state.tags.get(key) != value}
    if state.family is None:
        after = {"family": wanted.family, "parameters": differing, "tags": tags}
        return [Change("create", "parameter group", wanted.name, None, after)]
    changes = []
    if differing:
        before = {name: state.held.get(name) for name in differing}
        changes.append(Change("update", "parameter group", wanted.name, before, differing))
    if tags:
        before = {key: state.tags.get(key) for key in tags}
        changes.append(Change("tag", "parameter group", wanted.name, before, tags, title=f"tags of {wanted.name}"))
    return changes
