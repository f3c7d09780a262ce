# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Every molecule scenario, in the session's lab or, where it looks into instances, in one that carries them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from lab.settings import CHECKOUT

SCENARIOS = sorted(path.parent.name for path in CHECKOUT.glob("extensions/molecule/*/molecule.yml"))

WITH_INSTANCES = ("database", "media_host", "runner")

# Who is looked at in the scenarios of others, with what these make: a role that makes nothing by itself.
IN_OTHERS = {"instances": {"runner", "media_host"}}
# Scenarios that look at another side of a role: here, at what the media role makes of its hosts.
OTHER_SIDES = {"media_host": "media"}
# They take as long as all others together, and so they are soaks: tests/e2e/test_site.py builds, repeats, changes and destroys
# the same roles in both regions, and judges a media host by the tests of media_host.
LONG = ("database", "media", "media_host", "runner")


def test_every_role_has_a_scenario():
    roles = {path.name for path in (CHECKOUT / "roles").iterdir() if path.is_dir()}
    assert roles - set(IN_OTHERS) == set(SCENARIOS) - set(OTHER_SIDES)
    for role, users in IN_OTHERS.items():
        assert users <= set(SCENARIOS)
        for user in users:
            tasks = CHECKOUT.joinpath("roles", OTHER_SIDES.get(user, user), "tasks").glob("*.yml")
            assert any(f"name: knowledgecity.platform.{role}\n" in file.read_text() for file in tasks), (role, user)


@pytest.mark.parametrize(
    "scenario", [pytest.param(name, marks=[pytest.mark.soak] if name in LONG else []) for name in SCENARIOS]
)
def test_scenario(lab, start_lab, scenario: str, tmp_path: Path):
    clients = start_lab(instances=True) if scenario in WITH_INSTANCES else lab
    environment = clients.environment(administrator=True) | {
        "MOLECULE_EPHEMERAL_DIRECTORY": str(tmp_path),
        "ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg"),
        # Molecule installs the collection there, and would find what another checkout left.
        "ANSIBLE_HOME": str(tmp_path / "ansible"),
        "ANSIBLE_NOCOLOR": "1",
    }
    ran = subprocess.run(
        ["molecule", "test", "--scenario-name", scenario],
        cwd=CHECKOUT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=1500,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-4000:]
    assert "no hosts matched" not in ran.stdout, "the scenario ran on nothing"
