# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Runs a module in a process of its own, without Ansible's start, that can be killed at an exact write of a failover's journal.

Reads a JSON object from standard input: `module`, its `options`, and `die`, if anything: the number of the write, and whether the
process is killed `before` it, when a step is done and its end is not told, or `after` it, when the next step is told and not begun.
With `fault` one of its calls fails (`faults`).
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys

from ansible.module_utils.testing import patch_module_args
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.journal_store import JournalStore

from tests.support.faults import Fault, Injector

_MODULES = "ansible_collections.knowledgecity.platform.plugins.modules"


def _die_at(number: int, when: str) -> None:
    write, count = JournalStore.write, 0

    def counted(self, journal):
        nonlocal count
        count += 1
        if count == number and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        written = write(self, journal)
        if count == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return written

    JournalStore.write = counted


def main() -> None:
    asked = json.load(sys.stdin)
    if asked.get("die"):
        _die_at(*asked["die"])
    if asked.get("fault"):
        Injector(Fault(**asked["fault"])).install()
    with patch_module_args(asked["options"]):
        importlib.import_module(f"{_MODULES}.{asked['module']}").main()


if __name__ == "__main__":
    main()
