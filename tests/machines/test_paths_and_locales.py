# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The lab and its shell under long paths, paths with spaces, a narrow umask, and a locale that isn't UTF-8."""

from __future__ import annotations

import os
import socket
import subprocess

import pytest

from lab.settings import CHECKOUT, LabSettings
from tests.support.labs import running_lab


def test_lab_in_a_long_home_with_spaces_under_a_narrow_umask(tmp_path):
    home = tmp_path / ("a home with spaces " * 6)
    umask = os.umask(0o077)
    try:
        with running_lab(home) as clients:
            assert clients("sts").get_caller_identity()["Arn"]
            assert (home / "run" / "control.sock").is_socket()
    finally:
        os.umask(umask)


@pytest.mark.parametrize("length", [20, 150])
def test_sockets_lie_in_the_run_folder(tmp_path, length):
    settings = LabSettings(home=tmp_path / ("h" * length), regions=("eu-central-1",))
    settings.run.mkdir(parents=True)
    for path in (settings.control_socket, settings.backend_socket("eu-central-1")):
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(path))
        assert (settings.run / path.name).is_socket()
        assert path.parent.resolve() == settings.run.resolve()
        if path.parent != settings.run:
            link = path.parent
    if length == 150:
        link.unlink()


def test_link_of_another_kind_is_refused(tmp_path):
    settings = LabSettings(home=tmp_path / ("h" * 150), regions=())
    link = settings.control_socket.parent
    link.unlink()
    link.symlink_to(tmp_path)
    try:
        with pytest.raises(OSError, match="Fix: remove it"):
            _ = settings.control_socket
    finally:
        link.unlink()


def test_shell_of_the_lab_runs_ansible_in_any_locale():
    environment = {**os.environ, "LC_ALL": "C", "LAB_HOME": "/nonexistent"}
    for shell, succeeds in ((". lab/env 2>/dev/null; ansible --version", True), ("ansible --version", False)):
        ran = subprocess.run(["bash", "-c", shell], cwd=CHECKOUT, env=environment, capture_output=True, text=True)
        assert (ran.returncode == 0) is succeeds, ran.stderr
