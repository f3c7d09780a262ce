# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Labs for the tests of the lab itself: one with all mends, and bare ones that leave a fault in."""

from __future__ import annotations

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


@dataclass(frozen=True)
class Clients:
    """boto3 clients of a running lab, under the operator's key or another one."""

    stack: Stack

    def __call__(self, service: str, region: str = "me-west-1", key: tuple[str, str] | None = None):
        operator = self.stack.operator_key()
        access_key, secret = key or (operator["access_key_id"], operator["secret"])
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=self.stack.endpoints[region],
            verify=str(self.stack.settings.ca_certificate),
            aws_access_key_id=access_key,
            aws_secret_access_key=secret,
            config=Config(retries={"max_attempts": 1}, connect_timeout=2, read_timeout=10),
        )


@pytest.fixture(scope="session")
def start_lab(tmp_path_factory) -> Iterator[Callable[[str], Clients]]:
    """Start a lab, once for each choice of mends that are left out (comma-separated, "" for none)."""
    started: dict[str, Stack] = {}

    def start(without: str = "") -> Clients:
        if without not in started:
            home: Path = tmp_path_factory.mktemp("lab")
            environment = os.environ | {
                "LAB_HOME": str(home),
                "LAB_REGIONS": ",".join(REGIONS),
                "LAB_WITHOUT_MENDS": without,
            }
            stack = Stack(LabSettings(home=home, regions=REGIONS))
            started[without] = stack
            subprocess.run([sys.executable, "-m", "lab", "up"], cwd=CHECKOUT, env=environment, check=True)
        return Clients(started[without])

    yield start
    for stack in started.values():
        stack.down(purge=True, say=lambda _line: None)


@pytest.fixture
def mended_only(start_lab):
    """Assert that a behaviour of AWS is shown with a mend, and isn't without it."""

    def check(mend: str, aws_behaviour: Callable[[Clients], bool]) -> None:
        assert aws_behaviour(start_lab()), f"with the mend {mend} the lab does not behave as AWS"
        assert not aws_behaviour(start_lab(mend)), f"the emulator does this by itself: the mend {mend} can go"

    return check
