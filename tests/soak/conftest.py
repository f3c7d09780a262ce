# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Soaks run only when asked for (`make soak`), and leave their figures in docs/evidence/."""

from __future__ import annotations

import datetime
import importlib.metadata
import json
import subprocess
from collections.abc import Callable

import pytest

from lab.settings import CHECKOUT


@pytest.fixture(scope="session")
def evidence() -> Callable[[str, dict], None]:
    """Write a soak's figures to docs/evidence/NAME.json, with date, versions and commit."""

    def write(name: str, figures: dict) -> None:
        commit = subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"], cwd=CHECKOUT, capture_output=True, text=True, check=True
        )
        versions = {package: importlib.metadata.version(package) for package in ("ansible", "ansible-core", "boto3")}
        versions["ministack"] = (CHECKOUT / "requirements" / "ministack.in").read_text().rpartition("==")[2].strip()
        report = {
            "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            "commit": commit.stdout.strip(),
            "versions": versions,
            "where": "the lab (simulated AWS API)",
        }
        folder = CHECKOUT / "docs" / "evidence"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.json").write_text(json.dumps(report | figures, indent=2) + "\n")

    return write
