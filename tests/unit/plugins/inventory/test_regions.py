# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The inventory plugin regions: hosts come from the platform's settings."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from lab.settings import CHECKOUT

HOSTS = "plugin: knowledgecity.platform.regions\n"


def listed(folder: Path, settings: str | None, hosts: str = HOSTS) -> tuple[dict[str, Any], str]:
    """Return the inventory of a folder with these settings, and what was said on standard error."""
    (folder / "hosts.yml").write_text(hosts)
    if settings is not None:
        (folder / "group_vars" / "all").mkdir(parents=True)
        (folder / "group_vars" / "all" / "platform.yml").write_text(settings)
    ran = subprocess.run(
        ["ansible-inventory", "-i", str(folder / "hosts.yml"), "--list", "--export"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(ran.stdout), " ".join(ran.stderr.split())


def test_regions_are_hosts_in_the_order_of_the_settings(tmp_path):
    """As AWX imports them, too: nothing is marked as unsafe, and the variables stand with their groups."""
    found, _ = listed(tmp_path, "platform_regions: {me-central-1: {cidr: 10.1.0.0/16}, eu-west-1: {cidr: 10.2.0.0/16}}")
    variables = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    assert found["regions"] == {"hosts": ["me-central-1", "eu-west-1"], "vars": variables}
    assert found["account"] == {"hosts": ["global"], "vars": variables}
    assert found["_meta"]["hostvars"] == {
        "me-central-1": {"aws_region": "me-central-1"},
        "eu-west-1": {"aws_region": "eu-west-1"},
        "global": {"aws_region": "us-east-1"},
    }


def test_the_settings_can_stand_elsewhere(tmp_path):
    (tmp_path / "mine.yml").write_text("platform_regions: {eu-west-1: {}}")
    found, _ = listed(tmp_path, None, HOSTS + "settings: mine.yml\n")
    assert found["regions"]["hosts"] == ["eu-west-1"]


@pytest.mark.parametrize("settings", ["platform_regions: [me-west-1]", ""])
def test_settings_without_regions_leave_the_account_for_preflight(tmp_path, settings):
    found, said = listed(tmp_path, settings)
    assert set(found["_meta"]["hostvars"]) == {"global"}
    assert "names no regions. Fix: Write platform_regions" in said


def test_settings_that_cannot_be_read_are_said_with_a_fix(tmp_path):
    found, said = listed(tmp_path, None)
    assert "regions" not in found
    assert "The regions could not be read from" in said
    assert "Fix: Name the file with platform_regions" in said


@pytest.mark.parametrize("environment", ["lab", "staging", "production"])
def test_an_inventory_of_this_checkout_has_only_the_settings_to_edit(environment):
    folder = CHECKOUT / "inventories" / environment
    assert (folder / "hosts.yml").read_text().splitlines()[-1] == HOSTS.strip()
    for file in folder.rglob("*.yml"):
        if file.name != "platform.yml":
            assert "me-west-1" not in file.read_text(), f"{file} names a region"
