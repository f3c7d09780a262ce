# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The set-up for a user who isn't root: what takes root is named once, and the rest is done."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.settings import CHECKOUT

_NOBODY = 65534


@pytest.fixture
def checkout() -> Iterator[Path]:
    """A checkout of another user's, whose environments count as installed."""
    root = Path(tempfile.mkdtemp(dir="/tmp"))
    checkout = root / "a checkout"
    shutil.copytree(CHECKOUT / "tools", checkout / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy2(CHECKOUT / "Makefile", checkout)
    for script in ("venv.sh", "kube_clients.sh"):
        (checkout / "tools" / script).write_text("#!/bin/sh\n")
    (checkout / ".build/venv/lib/python3.13/site-packages").mkdir(parents=True)
    if os.geteuid() == 0:
        for path in (root, *root.rglob("*")):
            os.chown(path, _NOBODY, _NOBODY)
    yield checkout
    shutil.rmtree(root)


def _make(checkout: Path, target: str) -> subprocess.CompletedProcess[str]:
    user = {"user": _NOBODY, "group": _NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    environment = {"PATH": os.defpath, "HOME": "/nonexistent", "DOCKER_HOST": "unix:///nonexistent"}
    return subprocess.run(
        ["make", target], cwd=checkout, env=environment, umask=0o077, capture_output=True, text=True, **user
    )


def test_what_takes_root_is_named(checkout):
    setup = _make(checkout, "setup")
    assert setup.returncode
    assert setup.stderr.count("Fix: run the commands named above as root") == 1
    assert (checkout / ".build/bin/lab").exists()


def test_environments_take_no_root(checkout):
    environments = _make(checkout, "environments")
    assert environments.returncode == 0, environments.stderr
    assert (checkout / ".build/collections/ansible_collections/knowledgecity/platform").resolve() == checkout
