# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Bundles are packed on any control machine: those with macOS have no GNU cp and tar."""

from __future__ import annotations

import subprocess
import sys
import tarfile
from pathlib import Path

from lab.settings import CHECKOUT

PACK = CHECKOUT / "roles/instances/files/pack.py"


def pack(*arguments: Path | str) -> None:
    subprocess.run([sys.executable, str(PACK), *map(str, arguments)], check=True)


def test_files_are_copied_with_their_folders_and_packed_as_roots(tmp_path):
    source, bundle = tmp_path / "a checkout", tmp_path / "bundle"
    for name in ("src/server/main.py", "src/left out.py", "README.md"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(name)
    pack("copy", source, bundle / "app", "src/server/main.py", "README.md")
    pack("archive", bundle, tmp_path / "bundle.tar")
    with tarfile.open(tmp_path / "bundle.tar") as archive:
        members = {member.name: member for member in archive.getmembers() if member.isreg()}
        assert archive.extractfile(members["./app/src/server/main.py"]).read() == b"src/server/main.py"
    assert set(members) == {"./app/src/server/main.py", "./app/README.md"}
    assert {(member.uid, member.gid, member.uname) for member in members.values()} == {(0, 0, "root")}


def test_no_role_runs_what_only_gnu_has_on_the_control_machine():
    tasks = (CHECKOUT / "roles/instances/tasks/build_bundle.yml").read_text()
    assert not any(option in tasks for option in ("--parents", "--owner", "--directory="))
