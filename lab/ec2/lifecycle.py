# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Begin and end to carry a lab's instances, and what that takes of the machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

from lab.ec2 import image, reconciler
from lab.ec2.shell import CommandError
from lab.processes import Process
from lab.settings import CHECKOUT, LabSettings

_START_TIMEOUT = 60.0


class InstancesError(Exception):
    """The lab's instances can't be carried; the message says why, and what to do."""


def process(settings: LabSettings) -> Process:
    """The process that carries the instances."""
    return Process(settings.run, "ec2")


def missing() -> Iterator[tuple[str, str]]:
    """What this machine lacks for instances, each with its mend."""
    if os.geteuid():
        yield "only root can make network namespaces", "run the lab as root, or without instances: lab up --no-networks"
    for program, package in (("ip", "iproute2"), ("nsenter", "util-linux")):
        if not shutil.which(program):
            yield f"{program} is not there, which instances' networks are made with", f"apt-get install {package}"
    if subprocess.run(["docker", "info"], capture_output=True, check=False).returncode:
        yield "no Docker engine answers", "make setup"


def up(settings: LabSettings, say: Callable[[str], None]) -> None:
    """Build the image where it is missing, start the process, and wait until it has looked at the instances once."""
    problems = list(missing())
    if problems:
        raise InstancesError("\n".join(f"{finding}\n  mend: {mend}" for finding, mend in problems))
    try:
        image.ensure(say)
    except image.ImageError as error:
        raise InstancesError(f"the instances' image: {error}") from error
    log = settings.logs / "ec2.log"
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "PYTHONPATH": str(CHECKOUT),
        "LAB_HOME": str(settings.home),
        "LAB_REGIONS": ",".join(settings.regions),
        "LAB_INSTANCE_IMAGE": os.environ.get("LAB_INSTANCE_IMAGE", ""),
    }
    carrier = process(settings)
    carrier.start([sys.executable, "-m", "lab.ec2"], log, environment)
    deadline = time.monotonic() + _START_TIMEOUT
    while not _carries(settings, carrier):
        if not carrier.pid:
            raise InstancesError(f"ec2 has ended, see {log}")
        if time.monotonic() > deadline:
            raise InstancesError(f"ec2 has not looked at the instances after {_START_TIMEOUT:.0f} s, see {log}")
        time.sleep(0.1)


def down(settings: LabSettings, say: Callable[[str], None]) -> None:
    """Stop the process and remove what it made on this machine. Nothing where it never ran."""
    carrier = process(settings)
    if not carrier.wanted:
        return
    carrier.stop()
    say("stopped ec2")
    try:
        for thing in reconciler.remove_everything(settings):
            say(f"removed the {thing}")
    except CommandError as error:
        raise InstancesError(f"not everything could be removed: {error}") from error


def _carries(settings: LabSettings, carrier: Process) -> bool:
    try:
        return settings.instances_carried.read_text() == str(carrier.pid)
    except FileNotFoundError:
        return False
