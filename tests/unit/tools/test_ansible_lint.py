# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The common syntax check of ansible-lint's wrapper fails for one bad file among good ones."""

from __future__ import annotations

import os

import pytest

from tools.ansible_lint import _syntax_is_valid

GOOD = "- name: Ping\n  hosts: localhost\n  tasks:\n    - name: Ping\n      ansible.builtin.ping:\n"
BAD = GOOD.replace("ansible.builtin.ping", "ansible.builtin.import_tasks: absent.yml\n      ansible.builtin.ping")


@pytest.mark.parametrize(
    ("second", "role", "valid"),
    [(GOOD, GOOD, True), (BAD, GOOD, False), (GOOD, BAD, False)],
    ids=["valid", "playbook", "role"],
)
def test_one_bad_file_fails_the_check(tmp_path, second, role, valid):
    tasks = tmp_path / "a role" / "tasks"
    tasks.mkdir(parents=True)
    (tasks / "main.yml").write_text(role.partition("tasks:\n")[2].replace("    - ", "- ").replace("      ", "  "))
    playbooks = [tmp_path / "first.yml", tmp_path / "second.yml"]
    for playbook, content in zip(playbooks, (GOOD, second), strict=True):
        playbook.write_text(content)
    environment = {**os.environ, "ANSIBLE_INVENTORY": "/dev/null"}
    assert _syntax_is_valid([str(path) for path in playbooks], [str(tmp_path / "a role")], environment) is valid
