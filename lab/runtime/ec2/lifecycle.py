# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Start and stop the reconciler of a lab's instances, and check what it needs of this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator

from lab.machine_image import ImageError
from lab.processes import Process
from lab.runtime.alb.image import IMAGE as BALANCER_IMAGE
from lab.runtime.ec2 import reconciler
from lab.runtime.ec2.image import IMAGE
from lab.runtime.loop import RealizationError, launch
from lab.runtime.shell import CommandError
from lab.settings import LabSettings


class InstancesError(RealizationError):
    """The lab's instances can't be realized."""


def process(settings: LabSettings) -> Process:
    """Name the reconciler's process."""
    return Process(settings.run, "ec2")


def missing() -> Iterator[tuple[str, str]]:
    """Find what this machine lacks for instances, each with the fix."""
    if os.geteuid():
        yield "only root can make network namespaces", "run the lab as root, or without instances: lab up --no-networks"
    for program, package in (("ip", "iproute2"), ("nsenter", "util-linux")):
        if not shutil.which(program):
            yield f"{program} is not there, which instances' networks are made with", f"apt-get install {package}"
    if subprocess.run(["docker", "info"], capture_output=True, check=False).returncode:
        yield "no Docker engine answers", "make setup"


def up(settings: LabSettings, say: Callable[[str], None]) -> None:
    """Build the image where it is missing, start the process, and wait for its first pass."""
    problems = list(missing())
    if problems:
        raise InstancesError("\n".join(f"{finding}\n  Fix: {fix}" for finding, fix in problems))
    try:
        for image in (IMAGE, BALANCER_IMAGE):
            image.ensure(say)
    except ImageError as error:
        raise InstancesError(f"an image can't be had: {error}") from error
    launch(settings, process(settings), settings.instances_realized, (IMAGE.setting, BALANCER_IMAGE.setting))


def down(settings: LabSettings, say: Callable[[str], None]) -> None:
    """Stop the process and remove what it made on this machine. Nothing where it never ran."""
    reconciler_process = process(settings)
    if not reconciler_process.wanted:
        return
    reconciler_process.stop()
    say("stopped ec2")
    try:
        for thing in reconciler.remove_everything(settings):
            say(f"removed the {thing}")
    except CommandError as error:
        raise InstancesError(f"not everything could be removed: {error}") from error
