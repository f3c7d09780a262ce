# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Run the reconciler of instances and load balancers; started by `lab up`."""

from __future__ import annotations

from lab import settings
from lab.runtime.ec2.image import IMAGE
from lab.runtime.ec2.reconciler import Reconciler, log
from lab.runtime.loop import reconcile_loop


def main() -> None:
    here = settings.current()
    reconciler = Reconciler(here, IMAGE.name)
    reconciler.adopt()
    reconcile_loop(reconciler.reconcile, here.instances_realized, log)


if __name__ == "__main__":
    main()
