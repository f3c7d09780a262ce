# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Run the reconciler of databases; started by `lab up`."""

from __future__ import annotations

import os

from lab import settings
from lab.runtime.loop import reconcile_loop
from lab.runtime.rds.image import IMAGE
from lab.runtime.rds.lifecycle import PROMOTION_DELAY
from lab.runtime.rds.reconciler import Reconciler, log


def main() -> None:
    here = settings.current()
    reconciler = Reconciler(here, IMAGE.name, float(os.environ.get(PROMOTION_DELAY) or 0))
    reconcile_loop(reconciler.reconcile, here.databases_realized, log)
    reconciler.close()


if __name__ == "__main__":
    main()
