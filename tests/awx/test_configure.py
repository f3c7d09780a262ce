# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""extensions/awx/configure.yml hands the data to AWX's modules; stand-ins take their place, since awx.awx comes with AWX."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lab.settings import CHECKOUT
from tests.support import awx

# The options of awx.awx 24.6's modules that the playbook uses.
OPTIONS = {
    "credential_type": {"name", "kind", "inputs", "injectors"},
    "execution_environment": {"name", "organization", "image", "pull"},
    "inventory": {"name", "organization", "description"},
    "inventory_source": {
        *("name", "inventory", "organization", "source", "source_project", "source_path", "execution_environment"),
        *("overwrite", "overwrite_vars", "update_on_launch"),
    },
    "job_template": {
        *("name", "organization", "project", "inventory", "execution_environment", "credentials", "description"),
        *("job_type", "playbook", "allow_simultaneous", "diff_mode", "forks", "timeout", "ask_job_type_on_launch"),
        *("ask_limit_on_launch", "ask_diff_mode_on_launch", "ask_verbosity_on_launch", "survey_enabled", "survey_spec"),
    },
    "project": {
        *("name", "organization", "scm_type", "scm_url", "scm_branch", "scm_update_on_launch", "default_environment"),
    },
}
STAND_IN = """
import json, pathlib
from ansible.module_utils.basic import AnsibleModule
module = AnsibleModule({{name: {{"type": "raw"}} for name in {options!r}}})
with pathlib.Path({record!r}).open("a") as file:
    file.write(json.dumps([{name!r}, module.params]) + "\\n")
module.exit_json(changed=True)
"""


@pytest.fixture
def configure(tmp_path):
    """Run the playbook with stand-ins; returns its result and what they were given, by module."""
    modules = tmp_path / "ansible_collections" / "awx" / "awx" / "plugins" / "modules"
    modules.mkdir(parents=True)
    record = tmp_path / "record.jsonl"
    for name, options in OPTIONS.items():
        text = STAND_IN.format(name=name, options=sorted(options), record=str(record))
        (modules / f"{name}.py").write_text(text)

    def run(*arguments: str) -> tuple[subprocess.CompletedProcess, dict]:
        paths = [str(tmp_path), str(CHECKOUT / ".build" / "collections")]
        ran = subprocess.run(
            ["ansible-playbook", "extensions/awx/configure.yml", "-i", "localhost,", *arguments],
            cwd=CHECKOUT,
            env={**_environment(), "ANSIBLE_COLLECTIONS_PATH": ":".join(paths)},
            capture_output=True,
            text=True,
            check=False,
        )
        lines = record.read_text().splitlines() if record.exists() else []
        return ran, dict(json.loads(line) for line in lines)

    return run


def _environment() -> dict[str, str]:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return {"PATH": path, "HOME": os.environ["HOME"], "LC_ALL": "C.UTF-8", "ANSIBLE_NOCOLOR": "1"}


def test_everything_is_handed_to_awx(configure):
    credentials = json.dumps(
        {"awx_credentials": ["aws-production"], "awx_image": "registry.example.com/platform-ee:0.2.0"}
    )
    ran, given = configure("-e", credentials)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert set(given) == set(OPTIONS)
    template = awx.template("site")
    assert given["job_template"]["survey_spec"] == template["survey_spec"]
    assert given["job_template"]["name"] == "platform-site-production"
    assert given["job_template"]["credentials"] == ["aws-production"]
    assert given["credential_type"]["injectors"]["env"] == {"AWS_SHARED_CREDENTIALS_FILE": "{{ tower.filename }}"}
    assert given["inventory_source"]["source_path"] == "inventories/production/hosts.yml"
    assert (CHECKOUT / given["inventory_source"]["source_path"]).exists()


def test_what_has_no_default_is_asked_for(configure):
    ran, given = configure()
    assert ran.returncode != 0
    assert "Give awx_image" in ran.stdout
    assert not given
