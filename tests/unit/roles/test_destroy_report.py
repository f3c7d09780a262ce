# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The last report of destroy.yml: what is left fails the run, what AWS alone still lists doesn't, and what is kept is told."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab.settings import CHECKOUT

KEY = "arn:aws:kms:me-west-1:1:key/data"
OPERATOR = "arn:aws:iam::1:policy/operators/kc-test-operator-1"
SCAN = "knowledgecity.platform.tagged_resources_info"


@pytest.fixture
def report(tmp_path: Path):
    """`report(resources, **facts)`: run the play with what a scan has found; the run, and what the scan was asked."""

    def run(resources: dict[str, str], **facts: Any) -> tuple[subprocess.CompletedProcess[str], dict[str, Any]]:
        last = yaml.safe_load((CHECKOUT / "playbooks/destroy.yml").read_text())[-1]
        found = [{"arn": arn, "status": status} for arn, status in resources.items()]
        for number, task in enumerate(last["tasks"]):
            if SCAN in task:
                asked = {"content": "{{ asked | to_json }}", "dest": str(tmp_path / "asked.json"), "mode": "0600"}
                last["tasks"][number : number + 1] = [
                    {"ansible.builtin.copy": asked, "vars": {"asked": _without_omit(task[SCAN])}},
                    {"ansible.builtin.set_fact": {"destroy_scan": {"resources": found}}},
                ]
        play = {name: last[name] for name in ("vars", "tasks")} | {"hosts": "regions", "gather_facts": False}
        variables = facts | {
            "ansible_connection": "local",
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
            "platform_name": "kc",
            "platform_environment": "test",
        }
        inventory = {"regions": {"hosts": {"me-west-1": {}}}, "all": {"vars": variables}}
        (tmp_path / "hosts.yml").write_text(yaml.safe_dump(inventory))
        (tmp_path / "play.yml").write_text(yaml.safe_dump([play]))
        command = ["ansible-playbook", "-i", str(tmp_path / "hosts.yml"), str(tmp_path / "play.yml")]
        ran = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
        return ran, json.loads((tmp_path / "asked.json").read_text())

    return run


def _without_omit(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name != "iam_role_prefix"}


def _words(ran: subprocess.CompletedProcess[str]) -> str:
    return " ".join((ran.stdout + ran.stderr).split())


def test_what_waits_is_gone_or_is_kept_is_no_fault(report):
    kept = [{"alias": "alias/data", "arn": KEY, "reason": "snapshot of a database final"}]
    resources = {
        "arn:waits": "pending_deletion",
        "arn:gone": "gone",
        KEY: "present",
        "arn:aws:rds:me-west-1:1:snapshot:final": "present",
        OPERATOR: "present",
        "arn:aws:rds:me-west-1:1:auto-backup:ab-1": "listed",
    }
    ran, asked = report(
        resources,
        security_kept_keys=kept,
        database_kept_arns=["arn:aws:rds:me-west-1:1:snapshot:final"],
        platform_protected=False,
    )
    assert ran.returncode == 0, ran.stdout
    assert "me-west-1: nothing else is left" in _words(ran)
    assert "snapshot of a database final" in ran.stdout
    assert "AWS still lists these" not in ran.stdout
    assert asked["tags"] == {"platform": "kc", "environment": "test"}
    assert asked["wait_timeout"] == 120
    assert {KEY, "arn:aws:iam::*:policy/*kc-test-operator-*"} <= set(asked["kept"])


def test_what_is_there_fails_and_what_is_only_listed_warns(report):
    ran, _ = report({"arn:there": "present", "arn:aws:eks:me-west-1:1:cluster/one": "listed"})
    assert ran.returncode != 0
    assert "Still there in me-west-1: arn:there. Run destroy again." in _words(ran)
    ran, _ = report({"arn:aws:eks:me-west-1:1:cluster/one": "listed"})
    assert ran.returncode == 0
    assert "AWS still lists these in me-west-1" in _words(ran)


def test_an_empty_account_is_no_fault(report):
    ran, _ = report({})
    assert ran.returncode == 0, ran.stdout
