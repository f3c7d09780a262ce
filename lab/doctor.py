# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Find what keeps the lab from working, each finding with its fix."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator

from lab.runtime.ec2 import lifecycle
from lab.runtime.ec2.image import IMAGE
from lab.runtime.rds.image import IMAGE as DATABASE_IMAGE
from lab.stack import Stack

_DISK_NEEDED = 2 * 1024**3


def _machine(stack: Stack) -> Iterator[tuple[str, str]]:
    settings = stack.settings
    if not settings.emulator_python.exists():
        yield f"no emulator environment at {settings.emulator_python.parents[1]}", "make setup"
    if not settings.ca_certificate.exists():
        yield f"no certificate authority at {settings.ca_certificate}", "lab up"
    if shutil.disk_usage(settings.home if settings.home.exists() else "/").free < _DISK_NEEDED:
        yield "less than 2 GiB of disk are free", "make room; `make clean` removes what this checkout built"


def _instances(stack: Stack) -> Iterator[tuple[str, str]]:
    """Yield what instances take; nothing of it concerns a lab that was started without networks."""
    processes = stack.processes()
    if processes["aws-api"].pid and "ec2" not in processes:
        return
    yield from lifecycle.missing()
    for name, image in (("ec2", IMAGE), ("rds", DATABASE_IMAGE)):
        if name in processes and not image.exists:
            yield f"{image.what} {image.name} is not there", "lab down, then lab up: it is built anew"


def _processes(stack: Stack) -> Iterator[tuple[str, str]]:
    for name, process in stack.processes().items():
        if not process.pid:
            yield f"{name} is not running", f"lab up; the reason is in {stack.settings.logs / (name + '.log')}"


def _regions(stack: Stack) -> Iterator[tuple[str, str]]:
    for region, url in stack.endpoints.items():
        state = stack.proxy_state(region)
        if state["mode"] != "open":
            yield f"the API of {region} is cut ({state['mode']})", f"lab heal {region}"
        elif state["delay_ms"]:
            yield f"the API of {region} is slowed by {state['delay_ms']} ms", f"lab heal {region}"
        elif not stack.answers(url):
            yield f"the API of {region} does not answer at {url}", "lab restart"


def examine(stack: Stack, say: Callable[[str], None]) -> int:
    """Print each finding with its fix; 0 where there is none, else 1."""
    findings = [*_machine(stack), *_instances(stack), *_processes(stack), *_regions(stack)]
    for finding, fix in findings:
        say(f"{finding}\n  Fix: {fix}")
    say(f"lab doctor: {len(findings)} finding(s)")
    return 1 if findings else 0
