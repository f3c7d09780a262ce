# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Run the end-to-end scenario of a platform in a lab of its own under the administrator, and record the rights it needs."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from lab import administrator
from lab.settings import CHECKOUT, LabSettings
from lab.stack import Stack

_SITE = ["site.yml"]
_TO = "eu-central-1"
_FAILOVER = (
    ["playbooks/db_switchover.yml", "-e", f"database_failover_to={_TO}", "-e", "database_failover_max_lag_ms=3000"],
    ["playbooks/db_rebuild_replica.yml", "--limit", f"regions,!{_TO}"],
)
_DESTROY = ["playbooks/destroy.yml", "-e", "destroy_environment=lab"]


def record(file: Path) -> None:
    """Run check mode, a build, a second run, check mode, a failover, a destroy of filled buckets, and a rebuild."""
    with tempfile.TemporaryDirectory() as folder, _lab(Path(folder) / "lab", file) as stack:
        for step in ([*_SITE, "--check"], _SITE, _SITE, [*_SITE, "--check"]):
            _play(stack, step)
        _leave_something(stack)
        for step in (*_FAILOVER, _DESTROY, _SITE):
            _play(stack, step)


@contextlib.contextmanager
def _lab(home: Path, file: Path) -> Iterator[Stack]:
    stack = Stack(LabSettings(home=home, regions=("me-west-1", "eu-central-1", "us-east-1")))
    os.environ["LAB_RECORD_RIGHTS"] = str(file)
    try:
        stack.up(_say)
        yield stack
    finally:
        stack.down(purge=True, say=_say)


def _play(stack: Stack, step: list[str]) -> None:
    _say(f"ansible-playbook {' '.join(step)}")
    environment = os.environ | stack.environment(stack.administrator_key())
    ran = subprocess.run(
        ["ansible-playbook", "-i", "inventories/lab", *step],
        cwd=CHECKOUT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        raise SystemExit(ran.stdout[-4000:] + ran.stderr[-2000:])


def _leave_something(stack: Stack) -> None:
    """Put an object into every bucket of the first region, so that emptying them is part of the scenario."""
    region = stack.settings.regions[0]
    s3 = administrator.client(stack, "s3", region)
    for bucket in s3.list_buckets()["Buckets"]:
        if region in bucket["Name"]:
            s3.put_object(Bucket=bucket["Name"], Key="left", Body=b"an object keeps a bucket from going")
            s3.create_multipart_upload(Bucket=bucket["Name"], Key="an upload that nobody completed")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
