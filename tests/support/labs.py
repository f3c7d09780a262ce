# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Labs of the tests' own: one with all mends a session, and bare ones for as long as a test needs them."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

from lab.settings import CHECKOUT, LabSettings
from lab.stack import Stack

REGIONS = ("me-west-1", "eu-central-1", "us-east-1")

_WORK = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH")


@dataclass(frozen=True)
class Clients:
    """boto3 clients of a running lab, under the operator's key or another one: ID, secret and, of a session, its token."""

    stack: Stack

    def __call__(self, service: str, region: str = "me-west-1", key: tuple[str, ...] | None = None):
        operator = self.stack.operator_key()
        access_key, secret, *token = key or (operator["access_key_id"], operator["secret"])
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

    def environment(self) -> dict[str, str]:
        """The variables of a subprocess that works in this lab: those of `. lab/env`, and none that leads elsewhere."""
        key = self.stack.operator_key()
        tools = [str(CHECKOUT / ".build" / "bin"), str(Path(sys.executable).parent)]
        inherited = {name: os.environ[name] for name in _WORK if name in os.environ}
        return inherited | {
            "PATH": os.pathsep.join([*tools, os.environ.get("PATH", os.defpath)]),
            "LAB_HOME": str(self.stack.settings.home),
            "LAB_REGIONS": ",".join(self.stack.settings.regions),
            "LAB_ENDPOINTS": json.dumps(self.stack.endpoints),
            "AWS_CA_BUNDLE": str(self.stack.settings.ca_certificate),
            "AWS_ACCESS_KEY_ID": key["access_key_id"],
            "AWS_SECRET_ACCESS_KEY": key["secret"],
            "AWS_EC2_METADATA_DISABLED": "true",
        }


@contextlib.contextmanager
def running_lab(home: Path, without: str = "") -> Iterator[Clients]:
    """A lab in `home`, gone at the end. `without` leaves mends out (names, comma-separated; "all" for every one)."""
    stack = Stack(LabSettings(home=home, regions=REGIONS))
    variables = {"LAB_HOME": str(home), "LAB_REGIONS": ",".join(REGIONS), "LAB_WITHOUT_MENDS": without}
    try:
        subprocess.run(
            [sys.executable, "-m", "lab", "up", "--no-networks"], cwd=CHECKOUT, env=os.environ | variables, check=True
        )
        yield Clients(stack)
    finally:
        stack.down(purge=True, say=lambda _line: None)


@pytest.fixture(scope="session")
def start_lab(tmp_path_factory) -> Iterator[Callable[..., Clients]]:
    """Start a lab, once a session for each choice of mends that are left out."""
    started: dict[str, Clients] = {}
    with contextlib.ExitStack() as labs:

        def start(without: str = "") -> Clients:
            if without not in started:
                started[without] = labs.enter_context(running_lab(tmp_path_factory.mktemp("lab"), without))
            return started[without]

        yield start


@pytest.fixture(scope="session")
def lab(start_lab) -> Clients:
    """The session's lab, with all mends."""
    return start_lab()
