# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Boot scripts as launch templates have them, to be run by the tests."""

from __future__ import annotations

import importlib.util
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import jinja2
import pytest
import yaml

from lab.settings import CHECKOUT


@pytest.fixture
def boot_script(tmp_path: Path) -> Callable[..., ModuleType]:
    """`boot_script(role, variables)`: the role's boot script, imported. Its folder of installations is below `tmp_path`."""

    def read(_plugin: str, path: str) -> str:
        return Path(path).read_text()

    def load(role: str, **variables) -> ModuleType:
        environment = jinja2.Environment(keep_trailing_newline=True, undefined=jinja2.StrictUndefined)
        environment.filters["to_json"] = json.dumps
        template = environment.from_string((CHECKOUT / "roles" / role / "templates" / "boot.py.j2").read_text())
        script = tmp_path / f"{role}_boot.py"
        script.write_text(template.render(lookup=read, role_path=str(CHECKOUT / "roles" / role), **variables))
        spec = importlib.util.spec_from_file_location(script.stem, script)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.HOME = tmp_path / "home"
        module.HOME.mkdir(exist_ok=True)
        return module

    return load


@pytest.fixture
def play(tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """`play(role, cases, tasks)`: run tasks with a role's settings, once for each case's variables; the facts `answer` by case."""

    def run(role: str, cases: dict[str, dict[str, Any]], tasks: list[dict[str, Any]]) -> dict[str, Any]:
        folder = CHECKOUT / "roles" / role
        common = yaml.safe_load((folder / "defaults/main.yml").read_text()) | {
            "ansible_connection": "local",
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
            "aws_region": "me-west-1",
            "platform_name": "kc",
            "platform_environment": "test",
            "platform_account_id": "000000000000",
            "platform_regions": {"me-west-1": {}, "eu-central-1": {}},
            "platform_initial_primary": "me-west-1",
            "role_path": str(folder),
        }
        kept = {
            "content": "{{ answer | to_json }}",
            "dest": f"{tmp_path}/{{{{ inventory_hostname }}}}.json",
            "mode": "0600",
        }
        book = {
            "hosts": "all",
            "gather_facts": False,
            "vars_files": [str(file) for file in sorted((folder / "vars").glob("**/*.yml"))],
            "tasks": [*tasks, {"ansible.builtin.copy": kept}],
        }
        (tmp_path / "hosts.yml").write_text(yaml.safe_dump({"all": {"hosts": cases, "vars": common}}))
        (tmp_path / "play.yml").write_text(yaml.safe_dump([book]))
        command = ["ansible-playbook", "-i", str(tmp_path / "hosts.yml"), str(tmp_path / "play.yml")]
        ran = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return {case: json.loads((tmp_path / f"{case}.json").read_text()) for case in cases}

    return run
