# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Run molecule's scenarios in labs of the tests, in groups that two workers share."""

from __future__ import annotations

import subprocess
from pathlib import Path

from lab.settings import CHECKOUT
from tests.support.labs import Clients

SCENARIOS = sorted(path.parent.name for path in CHECKOUT.glob("extensions/molecule/*/molecule.yml"))

# A group is a file of tests/molecule, whose scenarios share a lab. Scenarios meet in nothing: each has an environment of its own.
ACCOUNT = ("network", "preflight", "region_record", "security")
DATA = ("clickhouse_backup", "dns", "storage")
MEDIA = ("media",)
# In a lab that runs instances.
HOSTS = ("media_host",)
ENGINES = ("database", "runner")
GROUPS = (ACCOUNT, DATA, MEDIA, HOSTS, ENGINES)


def run(scenario: str, lab: Clients, folder: Path) -> None:
    """Run a scenario to its end, and assert that it passes. What its role stands in is left: it goes with the lab."""
    environment = lab.environment(administrator=True) | {
        "MOLECULE_EPHEMERAL_DIRECTORY": str(folder),
        "ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg"),
        # Molecule would find there what another checkout left.
        "ANSIBLE_HOME": str(folder / "ansible"),
        "ANSIBLE_NOCOLOR": "1",
    }
    ran = subprocess.run(
        ["molecule", "test", "--destroy=never", "--scenario-name", scenario],
        cwd=CHECKOUT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=1500,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-4000:]
    assert "no hosts matched" not in ran.stdout, "the scenario ran on nothing"
