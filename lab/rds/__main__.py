# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The process that carries the lab's databases; started by `lab up`."""

from __future__ import annotations

import os

from lab import settings
from lab.carriers import look_on
from lab.rds.image import IMAGE
from lab.rds.lifecycle import PROMOTION_DELAY
from lab.rds.reconciler import Reconciler, log


def main() -> None:
    here = settings.current()
    reconciler = Reconciler(here, IMAGE.name, float(os.environ.get(PROMOTION_DELAY) or 0))
    look_on(reconciler.look, here.databases_carried, log)
    reconciler.close()


if __name__ == "__main__":
    main()
