# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Build the result of the module. Pure functions."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.checks import target_problems
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.journal import Journal
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.loss import loss
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.model import State, Wanted
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.plan import pending
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.timeline import (
    iso,
    timeline,
    write_block,
)


def result(wanted: Wanted, state: State) -> dict[str, t.Any]:
    """Return what was read last, and whether the replica could be promoted now."""
    return {
        "failover": failover(state.journal),
        "record": state.record.as_dict() if state.record else None,
        "readiness": readiness(wanted, state),
        "source": state.source.as_dict() if state.source else None,
        "target": state.target.as_dict(),
    }


def failover(journal: Journal | None) -> dict[str, t.Any] | None:
    """Describe the failover that is under way, or the last one."""
    if journal is None:
        return None
    block = write_block(journal.marks) or {"write_block_ms": None, "ours_ms": None, "aws_ms": None}
    return block | {
        "name": journal.name,
        "mode": journal.mode,
        "source": dataclasses.asdict(journal.source),
        "target": dataclasses.asdict(journal.target),
        "epoch": journal.epoch,
        "begun_at": iso(journal.marks["begun"]) if "begun" in journal.marks else None,
        "outcome": journal.outcome or "unfinished",
        "done": list(journal.done),
        "doing": journal.doing or None,
        "timeline": timeline(journal.marks),
        "loss": loss(journal),
        "pending": pending(journal),
    }


def readiness(wanted: Wanted, state: State) -> dict[str, t.Any]:
    """Return whether the replica could be promoted now, and why not."""
    if state.record and state.record.active_region == wanted.target_region:
        return {"ready": False, "problems": [f"{wanted.target_region} is the active region already."]}
    problems = list(target_problems(state.target, wanted.max_lag_ms))
    server = state.target.server
    if not problems and server and (server.lag_ms is None or server.lag_ms > wanted.max_lag_ms):
        problems.append(f"It is {server.lag_ms} ms behind, more than {wanted.max_lag_ms:.0f}.")
    return {"ready": not problems, "problems": problems}
