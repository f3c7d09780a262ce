# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Find what a failover may have lost. Pure functions over a journal."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.journal import Journal
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.timeline import iso

# What only the old writer has; what of it is nobody's rows; what the replica had received and not applied.
_SETS = ("errant_gtids", "housekeeping_gtids", "unapplied_gtids")


def loss(journal: Journal) -> dict[str, t.Any]:
    """Return the span in which acknowledged rows may be lost, and the transactions that only the old writer has.

    The replica applies in the order of commits, so what was committed before its last heartbeat is there. After the fence nothing
    was written to the old writer, but by RDS. Until the fence is confirmed the span has no end.
    """
    facts = journal.facts
    if facts.get("drained"):
        return {"possible": False, "since": None, "until": None} | dict.fromkeys(_SETS)
    fenced = journal.marks.get("fenced", journal.marks.get("old_fenced"))
    return {
        "possible": True,
        "since": facts.get("last_beat"),
        "until": iso(fenced) if fenced else None,
    } | {name: facts.get(name) for name in _SETS}
