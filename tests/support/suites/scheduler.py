# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Give whole files to the workers, the longest first."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

from tests.support.suites.durations import Durations

# A worker that still has this much to do gets the shortest file next: xdist wants a test ahead of the one that runs, and
# a long file would wait behind another one while the other workers are out of work.
_BUSY_S = 20.0


def next_file(
    waiting: Mapping[str, object], durations: Durations, busy_s: float, blocked: Callable[[str], bool] = lambda _: False
) -> str:
    """Choose the file that a worker gets which has work for `busy_s` more seconds.

    A `blocked` file, whose tests would wait for those of another one, comes when nothing else is left.
    """
    choose = min if busy_s > _BUSY_S else max
    return choose([file for file in waiting if not blocked(file)] or waiting, key=durations.of_file)


class LongestFileFirst(LoadFileScheduling):
    """xdist's `loadfile`, in the order of recorded seconds instead of the number of tests."""

    def __init__(self, config: pytest.Config, log, durations: Durations, blocked: Callable[[str], bool]):
        super().__init__(config, log)
        self._durations, self._blocked = durations, blocked

    def _assign_work_unit(self, node: WorkerController) -> None:
        pending = [nodeid for unit in self.assigned_work[node].values() for nodeid, done in unit.items() if not done]
        busy_s = sum(map(self._durations.of_test, pending))
        chosen = next_file(self.workqueue, self._durations, busy_s, self._blocked)
        self.workqueue.move_to_end(chosen, last=False)
        super()._assign_work_unit(node)
