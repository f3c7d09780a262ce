# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Measure how far behind a replica is, from original commit times and from the heartbeat. Pure functions, no client.

Seconds_Behind_Source is no measure: it is 0 while the link is frozen. The workers alone are none either, since they know only
what arrived; the age of the heartbeat shows what didn't.
"""

from __future__ import annotations

import dataclasses
import typing as t

# An event that runs every second is a little late on a busy server.
_BEAT_US = 1_500_000
# Workers that applied nothing for so long say nothing about now.
_RECENT_US = 2_000_000


@dataclasses.dataclass(frozen=True)
class Worker:
    """A thread of the applier, in microseconds. ``applied``: from the commit on the source to the end of its application here."""

    applied: int
    applied_ago: int
    # How long ago what it applies at the moment was committed on the source; None where it is idle.
    applying: int | None


def lag_ms(workers: t.Sequence[Worker], beat_age_us: int | None) -> float | None:
    """Return the milliseconds that the replica is behind; None where there is no heartbeat to measure it by."""
    if beat_age_us is None:
        return None
    behind = [worker.applied for worker in workers if worker.applied_ago <= _RECENT_US]
    behind += [worker.applying for worker in workers if worker.applying is not None]
    behind.append(beat_age_us - _BEAT_US)
    return round(max(0, *behind) / 1000, 1)
