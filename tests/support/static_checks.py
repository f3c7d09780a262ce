# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Run a check that only reads the checkout."""

from __future__ import annotations

import subprocess

import pytest

from lab.settings import CHECKOUT


def passes(*command: str) -> None:
    """Fail the test with what the check printed, and nothing else, unless the check succeeds."""
    check = subprocess.run(
        [CHECKOUT / command[0], *command[1:]],
        cwd=CHECKOUT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    if check.returncode:
        pytest.fail(f"{' '.join(command)} ended with {check.returncode}:\n{check.stdout}", pytrace=False)
