# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Run one module several times in one play, as users do, and get what each task returned."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from tests.support import playbooks
from tests.support.labs import Clients

Options = dict[str, Any]


def write_play(folder: Path, module: str, steps: list[Options], region: str) -> Path:
    """A play that runs `module` with each step's options, `check_mode` among them, and keeps what each returned."""
    tasks: list[dict[str, Any]] = []
    for number, step in enumerate(steps):
        options = {name: value for name, value in step.items() if name != "check_mode"}
        tasks.append(
            {
                "name": f"Step {number}",
                module: options | {"region_endpoints": "{{ endpoints }}"},
                "check_mode": step.get("check_mode", False),
                "diff": True,
                "ignore_errors": True,
                "register": f"step_{number}",
            }
        )
    tasks.append(
        {
            "name": "Keep what the steps returned",
            "ansible.builtin.copy": {
                "content": f"{{{{ [{', '.join(f'step_{number}' for number in range(len(steps)))}] | to_json }}}}",
                "dest": str(folder / "results.json"),
                "mode": "0600",
            },
        }
    )
    play = {
        "name": "Run the module",
        "hosts": "localhost",
        "connection": "local",
        "gather_facts": False,
        "vars": {
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
            "endpoints": "{{ lookup('ansible.builtin.env', 'LAB_ENDPOINTS') | from_json }}",
        },
        "environment": f"{{{{ '{region}' | knowledgecity.platform.aws_environment(endpoints) }}}}",
        "tasks": tasks,
    }
    file = folder / "play.yml"
    file.write_text(yaml.safe_dump([play], sort_keys=False))
    file.chmod(0o600)
    return file


def run_steps(
    lab: Clients, folder: Path, module: str, steps: list[Options], *arguments: str, region: str = "me-west-1"
) -> tuple[list[dict[str, Any]], str]:
    """What each step returned, and all that the run printed."""
    folder.mkdir(parents=True, exist_ok=True)
    play = write_play(folder, module, steps, region)
    ran = playbooks.run(lab, *arguments, playbook=str(play), inventory="localhost,", administrator=True)
    results = folder / "results.json"
    assert results.exists(), ran.output[-6000:]
    return json.loads(results.read_text()), ran.output
