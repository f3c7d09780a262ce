# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Run ansible-lint, with one syntax check of all playbooks and roles in place of one each.

A start of `ansible-playbook` takes longer than what it checks. Where the common check fails, ansible-lint goes on as it
does by itself, so that a finding names its file and line.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from ansible_compat.runtime import Runtime
from ansiblelint import __main__ as ansible_lint
from ansiblelint.file_utils import Lintable
from ansiblelint.runner import Runner

CHECKOUT = Path(__file__).resolve().parent.parent
_check_each = Runner._run_syntax_check_phase
_check_playbook = Runtime.has_playbook
_valid: set[Path] = set()


def _run_syntax_check_phase(runner: Runner, matches: list) -> list[Lintable]:
    """Check the syntax of all playbooks and roles at once, and one by one only where that fails."""
    files = runner._collect_syntax_check_files()
    playbooks = [str(file.path.expanduser()) for file in files if file.kind == "playbook"]
    roles = [str(file.path.expanduser()) for file in files if file.kind == "role"]
    if not _syntax_is_valid(playbooks, roles, runner.app.runtime.environ):
        return _check_each(runner, matches)
    _valid.update(Path(name).resolve() for name in playbooks)
    return files


def _has_playbook(runtime: Runtime, playbook: str, *, basedir: Path | None = None) -> bool:
    """Tell whether a playbook can be imported; what was checked before is not checked again."""
    if Path(basedir or ".", playbook).resolve() in _valid:
        return True
    return _check_playbook(runtime, playbook, basedir=basedir)


def _syntax_is_valid(playbooks: list[str], roles: list[str], environment: dict[str, str]) -> bool:
    tasks = "".join(f"    - ansible.builtin.import_role: {{name: '{role}'}}\n" for role in roles)
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
        if roles:
            file.write(f"- name: Import every role\n  hosts: localhost\n  tasks:\n{tasks}")
            file.flush()
            playbooks = [*playbooks, file.name]
        if not playbooks:
            return True
        # `-vv` and the variables as ansible-lint itself sets them.
        variables = {"PYTHONWARNINGS": "ignore", "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "False"}
        command = ["ansible-playbook", "--syntax-check", "-vv", *playbooks]
        check = subprocess.run(command, env={**environment, **variables}, stdin=subprocess.DEVNULL, capture_output=True)
    return check.returncode == 0


def main() -> None:
    """Run ansible-lint with this process's arguments."""
    # The dynamic inventories would ask AWS at each start.
    os.environ["ANSIBLE_INVENTORY"] = str(CHECKOUT / "inventories" / "lab" / "hosts.yml")
    Runner._run_syntax_check_phase = _run_syntax_check_phase
    Runtime.has_playbook = _has_playbook
    ansible_lint._run_cli_entrypoint()


if __name__ == "__main__":
    sys.exit(main())
