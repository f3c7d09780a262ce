# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Role runner waits for a runner that can't be reached yet: its SSM agent registers after the instance is in service."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
import yaml

from lab.settings import CHECKOUT

# Refuses its first connections, as Session Manager does a target that isn't connected, and then is the machine itself.
REFUSING = '''
    from __future__ import annotations

    DOCUMENTATION = """
    name: refusing
    short_description: Refuse the first connections
    description: Refuse the first connections.
    author: tests
    options:
      refusals: {description: File with how many are refused., type: path, vars: [{name: refusals}]}
    """

    from pathlib import Path

    from ansible.errors import AnsibleConnectionFailure
    from ansible.plugins.connection.local import Connection as Local


    class Connection(Local):
        transport = "refusing"

        def _connect(self):
            file = Path(self.get_option("refusals"))
            left = int(file.read_text())
            if left:
                file.write_text(str(left - 1))
                raise AnsibleConnectionFailure("TargetNotConnected: i-1 is not connected.")
            return super()._connect()

        def reset(self):
            self.close()
            self._connect()
'''


@pytest.fixture
def ready(tmp_path: Path):
    """`ready(refusals, timeout)`: run the entry point with a runner that refuses so many connections."""
    plugins = tmp_path / "plugins"
    plugins.mkdir()
    (plugins / "refusing.py").write_text(textwrap.dedent(REFUSING))
    programs = tmp_path / "bin"
    programs.mkdir()
    # What is asked of the machine is answered as a runner does that has its bundle.
    for name, answer in (("test", ""), ("readlink", "echo /opt/knowledgecity/runner/bundle-1")):
        (programs / name).write_text(f"#!/bin/sh\n{answer}\n")
        (programs / name).chmod(0o755)

    def run(refusals: int, timeout: int) -> tuple[subprocess.CompletedProcess[str], int]:
        counter = tmp_path / "refusals"
        counter.write_text(str(refusals))
        tasks = yaml.safe_load((CHECKOUT / "roles/runner/tasks/ready.yml").read_text())
        for task in tasks:
            if "ansible.builtin.raw" in task:
                task["ansible.builtin.raw"] = f"export PATH={programs}:$PATH; " + task["ansible.builtin.raw"].replace(
                    "test -x", "/usr/bin/env test -x"
                )
            if "ansible.builtin.ping" in task:
                task["vars"] = {"ansible_python_interpreter": sys.executable}
        defaults = yaml.safe_load((CHECKOUT / "roles/runner/defaults/main.yml").read_text())
        variables = defaults | {
            "aws_region": "me-west-1",
            "platform_name": "kc",
            "platform_environment": "test",
            "platform_account_id": "000000000000",
            "role_path": str(CHECKOUT / "roles/runner"),
            "runner_wait_timeout": timeout,
            "runner_boot_python": sys.executable,
            "refusals": str(counter),
            "__runner_bundle": "bundle-1",
            "__runner_poll_delay": 1,
        }
        inventory = {
            "all": {"vars": variables},
            "regions": {"hosts": {"me-west-1": {"ansible_connection": "local"}}},
            "runner_me_west_1": {"hosts": {"i-1": {"ansible_connection": "refusing"}}},
        }
        (tmp_path / "hosts.yml").write_text(yaml.safe_dump(inventory))
        role_vars = yaml.safe_load((CHECKOUT / "roles/runner/vars/main.yml").read_text())
        (tmp_path / "vars.yml").write_text(
            yaml.safe_dump({name: value for name, value in role_vars.items() if name not in variables})
        )
        book = {"hosts": "regions", "gather_facts": False, "vars_files": [str(tmp_path / "vars.yml")], "tasks": tasks}
        (tmp_path / "play.yml").write_text(yaml.safe_dump([book]))
        command = ["ansible-playbook", "-i", str(tmp_path / "hosts.yml"), str(tmp_path / "play.yml")]
        environment = os.environ | {"ANSIBLE_CONNECTION_PLUGINS": str(plugins)}
        ran = subprocess.run(
            command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False, timeout=120
        )
        return ran, int(counter.read_text())

    return run


def test_a_runner_that_is_not_connected_yet_is_waited_for(ready):
    ran, left = ready(refusals=3, timeout=60)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert left == 0


def test_a_runner_that_never_connects_fails_the_run(ready):
    ran, left = ready(refusals=1000, timeout=3)
    assert ran.returncode != 0
    assert "TargetNotConnected" in ran.stdout
    assert left > 0
