# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The process that carries the lab's instances; started by `lab up`."""

from __future__ import annotations

import os
import signal
import threading

from lab import settings
from lab.backstage_client import BackstageError
from lab.ec2 import image
from lab.ec2.reconciler import Reconciler, log
from lab.ec2.shell import CommandError

_INTERVAL = 0.7


def main() -> None:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    here = settings.current()
    reconciler = Reconciler(here, image.name())
    reconciler.adopt()
    while not stop.is_set():
        try:
            reconciler.look()
            # `lab up` waits for this: from here on instances are carried.
            here.instances_carried.write_text(str(os.getpid()))
        except (CommandError, BackstageError) as error:
            log(str(error))
        stop.wait(_INTERVAL)


if __name__ == "__main__":
    main()
