# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The process that carries the lab's instances; started by `lab up`."""

from __future__ import annotations

from lab import settings
from lab.carriers import look_on
from lab.ec2.image import IMAGE
from lab.ec2.reconciler import Reconciler, log


def main() -> None:
    here = settings.current()
    reconciler = Reconciler(here, IMAGE.name)
    reconciler.adopt()
    look_on(reconciler.look, here.instances_carried, log)


if __name__ == "__main__":
    main()
