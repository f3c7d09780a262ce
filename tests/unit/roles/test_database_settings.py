# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Role database: what it refuses of its settings, and what it asks of an instance that is there."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab.settings import CHECKOUT

ROLE = CHECKOUT / "roles" / "database"
TASKS = "knowledgecity.platform.database"


@pytest.fixture
def play(tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """`play(cases, tasks)`: run tasks once for each case's variables; what each set as the fact `answer`, by case."""

    def run(cases: dict[str, dict[str, Any]], tasks: list[dict[str, Any]]) -> dict[str, Any]:
        common = yaml.safe_load((ROLE / "defaults/main.yml").read_text()) | {
            "ansible_connection": "local",
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
            "aws_region": "me-west-1",
            "platform_name": "kc",
            "platform_environment": "test",
            "platform_account_id": "000000000000",
            "platform_regions": {"me-west-1": {}, "eu-central-1": {}},
            "platform_initial_primary": "me-west-1",
            "role_path": str(ROLE),
        }
        kept = {
            "content": "{{ answer | to_json }}",
            "dest": f"{tmp_path}/{{{{ inventory_hostname }}}}.json",
            "mode": "0600",
        }
        book = {
            "hosts": "all",
            "gather_facts": False,
            "vars_files": [str(ROLE / "vars/main.yml")],
            "tasks": [*tasks, {"ansible.builtin.copy": kept}],
        }
        (tmp_path / "hosts.yml").write_text(yaml.safe_dump({"all": {"hosts": cases, "vars": common}}))
        (tmp_path / "play.yml").write_text(yaml.safe_dump([book]))
        command = ["ansible-playbook", "-i", str(tmp_path / "hosts.yml"), str(tmp_path / "play.yml")]
        ran = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return {case: json.loads((tmp_path / f"{case}.json").read_text()) for case in cases}

    return run


def keep(expression: str) -> list[dict[str, Any]]:
    return [{"ansible.builtin.set_fact": {"answer": f"{{{{ {expression} }}}}"}}]


def refusals(entry: str) -> list[dict[str, Any]]:
    """The tasks that keep whether an entry point fails, and why."""
    refused = {"ansible.builtin.set_fact": {"answer": "{{ ansible_failed_result.msg }}"}}
    included = {"ansible.builtin.include_role": {"name": TASKS, "tasks_from": entry}}
    return [{"ansible.builtin.set_fact": {"answer": ""}}, {"block": [included], "rescue": [refused]}]


def found(**instance) -> dict[str, Any]:
    return {"__database_found": {"resources": {"instances": [instance], "security_groups": [], "subnets": []}}}


def test_the_limit_of_the_storage_is_a_tenth_above_it(play):
    sizes = {"near": (100, 109), "tenth": (100, 110), "none": (100, 100), "far": (100, 1000)}
    cases = {
        case: {"database_storage_gib": size, "database_storage_max_gib": limit} for case, (size, limit) in sizes.items()
    }
    answers = play(cases, refusals("validate"))
    assert "database_storage_max_gib (109)" in answers.pop("near")
    assert set(answers.values()) == {""}


def test_storage_that_grew_by_itself_is_not_asked_to_shrink(play):
    cases = {
        "new": {"__database_found": {"resources": {"instances": [], "security_groups": []}}},
        "grown": found(allocated_storage=150),
        "growing": found(allocated_storage=50, pending_modified_values={"allocated_storage": 150}),
        "same": found(allocated_storage=100),
        "small": found(allocated_storage=50),
    }
    answers = play(cases, keep("__database_wanted_writer.allocated_storage | default(0)"))
    assert answers == {"new": 100, "grown": 0, "growing": 0, "same": 0, "small": 100}
    (task,) = (item for item in yaml.safe_load((ROLE / "tasks/writer.yml").read_text()) if "rds_instance" in str(item))
    asked = task["amazon.aws.rds_instance"]["allocated_storage"].strip("{} ").replace("omit", "0")
    assert play(cases, keep(asked)) == answers


def test_a_limit_that_rds_would_refuse_by_now_is_not_asked_for(play):
    cases = {"room": found(allocated_storage=909), "none": found(allocated_storage=910)}
    answers = play(cases, keep("__database_wanted_replica.max_allocated_storage | default(0)"))
    assert answers == {"room": 1000, "none": 0}
