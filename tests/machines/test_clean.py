# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""`make clean` removes what was built in the checkout, and nothing outside of it, whatever the checkout's path is."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from lab.settings import CHECKOUT


@pytest.fixture
def checkout(tmp_path) -> Path:
    """A checkout under a path with spaces, with neighbours at each path that its name falls into without quotes."""
    checkout = tmp_path / "my checkout" / ".build of mine"
    (checkout / "tools").mkdir(parents=True)
    shutil.copy2(CHECKOUT / "Makefile", checkout)
    for script in CHECKOUT.glob("tools/*.sh"):
        shutil.copy2(script, checkout / "tools")
    for built in (".build/docker", ".build/lab/state", ".ansible"):
        (checkout / built).mkdir(parents=True)
        (checkout / built / "file").touch()
    for neighbour in ("my", "my checkout/.build", "my checkout/of", "my checkout/mine", "checkout", "mine"):
        (tmp_path / neighbour).mkdir(exist_ok=True)
        (tmp_path / neighbour / "kept").touch()
    return checkout


def _make(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["make", *arguments], cwd=cwd, capture_output=True, text=True)


def _files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def _built(checkout: Path, root: Path) -> set[str]:
    prefix = str(checkout.relative_to(root))
    return {path for path in _files(root) if path.startswith((f"{prefix}/.build", f"{prefix}/.ansible"))}


@pytest.mark.parametrize("from_elsewhere", [False, True], ids=["in the checkout", "make -C"])
def test_neighbours_stay(checkout, tmp_path, from_elsewhere):
    before = _files(tmp_path)
    built = _built(checkout, tmp_path)
    cleaned = _make("-C", str(checkout), "clean", cwd=tmp_path) if from_elsewhere else _make("clean", cwd=checkout)
    assert cleaned.returncode == 0, cleaned.stderr
    assert _files(tmp_path) == before - built


def test_makefile_read_from_another_folder_cleans_nothing(checkout, tmp_path):
    (tmp_path / ".build").mkdir()
    before = _files(tmp_path)
    assert _make("-f", str(checkout / "Makefile"), "clean", cwd=tmp_path).returncode
    assert _files(tmp_path) == before


def test_build_folder_that_is_a_link_is_removed_and_its_target_stays(checkout, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    (checkout / ".build").rename(elsewhere)
    (checkout / ".build").symlink_to(elsewhere)
    (elsewhere / "link").symlink_to(tmp_path / "my")
    before = _files(elsewhere)
    cleaned = _make("clean", cwd=checkout)
    assert cleaned.returncode == 0, cleaned.stderr
    assert not (checkout / ".build").is_symlink()
    assert _files(elsewhere) == before


def test_links_in_the_build_folder_are_not_followed(checkout, tmp_path):
    (checkout / ".build" / "link").symlink_to(tmp_path / "my")
    assert _make("clean", cwd=checkout).returncode == 0
    assert not (checkout / ".build").exists()
    assert (tmp_path / "my" / "kept").exists()


def test_lab_that_may_run_is_not_removed(checkout, tmp_path):
    (checkout / ".build" / "lab" / "run").mkdir()
    before = _files(tmp_path)
    cleaned = _make("clean", cwd=checkout)
    assert cleaned.returncode
    assert 'Fix: run "make setup"' in cleaned.stderr
    assert _files(tmp_path) == before


@pytest.mark.parametrize(
    "script", ["clean", "down", "setup", "sanity", "fresh", "apt_packages", "kube_clients", "docker_engine"]
)
def test_scripts_do_nothing_with_an_argument_they_do_not_know(checkout, tmp_path, script):
    # Ansible runs every executable that it takes for an inventory with --list.
    before = _files(tmp_path)
    ran = subprocess.run(
        [checkout / "tools" / f"{script}.sh", "--list"], capture_output=True, text=True, env={"PATH": os.defpath}
    )
    assert ran.returncode == 2, ran.stderr
    assert "usage: " in ran.stderr
    assert _files(tmp_path) == before
