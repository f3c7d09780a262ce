# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The execution environment's definition: ansible-builder takes it, and its versions are those that everything is tested with."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import ansible_collections
import pytest
import yaml
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_preflight.tools import REQUIRED

from lab.settings import CHECKOUT

DEFINITION = yaml.safe_load((CHECKOUT / "execution-environment.yml").read_text())
LOCK = (CHECKOUT / "requirements" / "tools.txt").read_text()


def _locked(package: str) -> str:
    return re.search(rf"^{package}==(\S+)", LOCK, re.MULTILINE)[1]


def test_ansible_builder_makes_the_context(tmp_path):
    create = ["ansible-builder", "create", "--file", "execution-environment.yml", "--context", str(tmp_path)]
    made = subprocess.run([*create, "--output-filename", "Containerfile"], cwd=CHECKOUT, capture_output=True, text=True)
    assert made.returncode == 0, made.stdout + made.stderr
    recipe = (tmp_path / "Containerfile").read_text()
    assert DEFINITION["images"]["base_image"]["name"] in recipe
    assert (
        yaml.safe_load((tmp_path / "_build" / "requirements.yml").read_text()) == DEFINITION["dependencies"]["galaxy"]
    )
    assert (tmp_path / "_build" / "requirements.txt").read_text().split() == DEFINITION["dependencies"]["python"]


def test_its_packages_are_those_of_the_lock_file():
    dependencies = DEFINITION["dependencies"]
    pins = [
        *dependencies["python"],
        dependencies["ansible_core"]["package_pip"],
        dependencies["ansible_runner"]["package_pip"],
    ]
    for pin in pins:
        package, _, version = pin.partition("==")
        assert version == _locked(package), f"{package} is tested with {_locked(package)}"


@pytest.mark.parametrize("entry", DEFINITION["dependencies"]["galaxy"]["collections"], ids=lambda entry: entry["name"])
def test_its_collections_are_those_that_are_installed(entry):
    manifests = [Path(base, *entry["name"].split("."), "MANIFEST.json") for base in ansible_collections.__path__]
    manifest = next(file for file in manifests if file.exists())
    assert json.loads(manifest.read_text())["collection_info"]["version"] == entry["version"]


def test_what_the_collection_needs_is_what_preflight_demands():
    described = yaml.safe_load((CHECKOUT / "meta" / "execution-environment.yml").read_text())["dependencies"]
    lines = (CHECKOUT / described["python"]).read_text().splitlines()
    needed = dict(line.split(">=") for line in lines if line and not line.startswith("#"))
    assert needed == {name: REQUIRED[name].least for name in needed}
    assert (CHECKOUT / described["system"]).exists()
