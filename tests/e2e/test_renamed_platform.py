# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A platform of another name in two other regions is `platform.yml` and nothing else."""

from __future__ import annotations

import filecmp
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from lab.settings import CHECKOUT, GLOBAL_REGION, LabSettings
from lab.stack import Stack
from tests.support import playbooks
from tests.support.labs import Clients
from tests.support.suites import leftovers

pytestmark = pytest.mark.nightly

REGIONS = ("me-central-1", "eu-west-1")
SETTINGS = Path("group_vars") / "all" / "platform.yml"
# What a newcomer changes. The account is the lab's, and stays.
CHANGED = {
    "platform_name": "academy",
    "platform_environment": "trial",
    "platform_domain": "trial.academy.example",
    "platform_regions": {"me-central-1": {"cidr": "10.60.0.0/16"}, "eu-west-1": {"cidr": "10.70.0.0/16"}},
    "platform_initial_primary": "me-central-1",
}


@pytest.fixture(scope="module")
def inventory(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("renamed") / "inventory"
    shutil.copytree(CHECKOUT / "inventories" / "lab", folder)
    file = folder / SETTINGS
    file.write_text(yaml.safe_dump(yaml.safe_load(file.read_text()) | CHANGED, sort_keys=False))
    return folder


@pytest.fixture(scope="module")
def lab(tmp_path_factory, inventory) -> Iterator[Clients]:
    """A lab that takes its regions and the operator's rights from the inventory."""
    home = tmp_path_factory.mktemp("lab")
    stack = Stack(LabSettings(home=home, regions=(*REGIONS, GLOBAL_REGION)))
    environment = {name: value for name, value in os.environ.items() if name != "LAB_REGIONS"}
    environment |= {"LAB_HOME": str(home), "LAB_INVENTORY": str(inventory)}
    with leftovers.noted(home, stack.settings.regions):
        try:
            subprocess.run([sys.executable, "-m", "lab", "up"], cwd=CHECKOUT, env=environment, check=True)
            yield Clients(stack)
        finally:
            stack.down(purge=True, say=lambda _line: None)


def test_only_the_settings_differ(inventory):
    for file in (CHECKOUT / "inventories" / "lab").rglob("*"):
        relative = file.relative_to(CHECKOUT / "inventories" / "lab")
        if file.is_file() and relative != SETTINGS:
            assert filecmp.cmp(file, inventory / relative, shallow=False), relative


def test_it_is_built_there_and_its_runners_are_found(lab, inventory):
    """Up to the runners, the operator's rights and the connection to the instances are those of the new names."""
    phases = [f"playbooks/phases/{phase}.yml" for phase in ("account", "regional", "runners")]
    ran = playbooks.run(lab, *phases, playbook="playbooks/phases/preflight.yml", inventory=inventory).succeeded()
    assert set(ran.recap) == {*REGIONS, "global"}
    for region in REGIONS:
        groups = lab("autoscaling", region).describe_auto_scaling_groups()["AutoScalingGroups"]
        assert f"academy-trial-{region}-runner" in {group["AutoScalingGroupName"] for group in groups}
        assert f"(runner in {region})" in ran.output
    buckets = [bucket["Name"] for bucket in lab("s3", REGIONS[0]).list_buckets()["Buckets"]]
    assert buckets
    assert all(name.startswith("academy-trial-") for name in buckets)
    for region in ("me-west-1", "eu-central-1"):
        assert region not in ran.output


def test_limited_to_one_region_the_other_is_left_alone(lab, inventory):
    ran = playbooks.run(
        lab, "--limit", "eu-west-1", playbook="playbooks/phases/runners.yml", inventory=inventory
    ).succeeded()
    assert set(ran.recap) == {"eu-west-1"}
    assert ran.changed == {"eu-west-1": 0}
