# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Start labs for tests: one with all patches a session, and bare ones for as long as a test needs them."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

from lab import copies
from lab.settings import CHECKOUT, LabSettings
from lab.stack import Stack
from tests.support.suites import leftovers

REGIONS = ("me-west-1", "eu-central-1", "us-east-1")

_WORK = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH", leftovers.RUN)


@dataclass(frozen=True)
class Clients:
    """boto3 clients of a running lab, under the administrator's key or another one: ID, secret and, of a session, its token.

    Tests do what no operator may.
    """

    stack: Stack

    def __call__(self, service: str, region: str = "me-west-1", key: tuple[str, ...] | None = None):
        administrator = self.stack.administrator_key()
        access_key, secret, *token = key or (administrator["access_key_id"], administrator["secret"])
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=self.stack.endpoints[region],
            verify=str(self.stack.settings.ca_certificate),
            aws_access_key_id=access_key,
            aws_secret_access_key=secret,
            aws_session_token=token[0] if token else None,
            config=Config(retries={"max_attempts": 1}, connect_timeout=2, read_timeout=10),
        )

    def environment(self, *, administrator: bool = False) -> dict[str, str]:
        """The variables of a subprocess that works in this lab: those of `. lab/env`, and none that leads elsewhere.

        The operator may build the platform of inventories/lab and nothing else: what makes other things is for the administrator.
        """
        key = self.stack.administrator_key() if administrator else self.stack.operator_key()
        tools = [str(CHECKOUT / ".build" / "bin"), str(Path(sys.executable).parent)]
        inherited = {name: os.environ[name] for name in _WORK if name in os.environ}
        return (
            inherited
            | self.stack.environment(key)
            | {
                "PATH": os.pathsep.join([*tools, os.environ.get("PATH", os.defpath)]),
                "LAB_HOME": str(self.stack.settings.home),
                "LAB_REGIONS": ",".join(self.stack.settings.regions),
            }
        )


@contextlib.contextmanager
def running_lab(
    home: Path, without: str = "", instances: bool = False, copy_of: Path | None = None
) -> Iterator[Clients]:
    """Run a lab in `home`, gone at the end. `without` leaves patches out (names, comma-separated; "all" for every one).

    With `instances` it runs EC2's instances, which takes root and a Docker engine. `copy_of` names a template of lab/copies.py that
    it starts from.
    """
    stack = Stack(LabSettings(home=home, regions=REGIONS))
    variables = {"LAB_HOME": str(home), "LAB_REGIONS": ",".join(REGIONS), "LAB_WITHOUT_PATCHES": without}
    with leftovers.noted(home, REGIONS):
        try:
            if copy_of:
                copies.start_from(copy_of, home)
            up = [sys.executable, "-m", "lab", "up", *([] if instances else ["--no-networks"])]
            subprocess.run(up, cwd=CHECKOUT, env=os.environ | variables, check=True)
            yield Clients(stack)
        finally:
            stack.down(purge=True, say=lambda _line: None)


@pytest.fixture(scope="session")
def start_lab(tmp_path_factory) -> Iterator[Callable[..., Clients]]:
    """Start a lab, once a session for each choice: which patches are left out, and whether it runs instances."""
    started: dict[tuple[str, bool], Clients] = {}
    with contextlib.ExitStack() as labs:

        def start(without: str = "", instances: bool = False) -> Clients:
            if (without, instances) not in started:
                home = tmp_path_factory.mktemp("lab")
                started[without, instances] = labs.enter_context(running_lab(home, without, instances))
            return started[without, instances]

        yield start


@pytest.fixture(scope="session")
def lab(start_lab) -> Clients:
    """The session's lab, with all patches."""
    return start_lab()
