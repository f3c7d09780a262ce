# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Start and stop the reconciler of a lab's databases."""

from __future__ import annotations

from collections.abc import Callable

from lab.machine_image import ImageError
from lab.processes import Process
from lab.runtime.loop import RealizationError, launch
from lab.runtime.rds import reconciler
from lab.runtime.rds.image import IMAGE
from lab.runtime.shell import CommandError
from lab.settings import LabSettings

# Seconds that a promotion takes longer than the lab's own work: on RDS it takes minutes.
PROMOTION_DELAY = "LAB_RDS_PROMOTION_SECONDS"


def process(settings: LabSettings) -> Process:
    """Name the reconciler's process."""
    return Process(settings.run, "rds")


def up(settings: LabSettings, say: Callable[[str], None]) -> None:
    """Build the image where it is missing, start the process, and wait for its first pass."""
    try:
        IMAGE.ensure(say)
    except ImageError as error:
        raise RealizationError(f"the databases' image: {error}") from error
    launch(settings, process(settings), settings.databases_realized, (IMAGE.setting, PROMOTION_DELAY))


def down(settings: LabSettings, say: Callable[[str], None]) -> None:
    """Stop the process and remove what it made on this machine; the data stay. Nothing where it never ran."""
    reconciler_process = process(settings)
    if not reconciler_process.wanted:
        return
    reconciler_process.stop(timeout=60.0)
    say("stopped rds")
    try:
        for thing in reconciler.remove_everything(settings):
            say(f"removed the {thing}")
    except CommandError as error:
        raise RealizationError(f"not everything could be removed: {error}") from error
