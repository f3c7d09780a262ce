# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""extensions/awx/configure.yml hands the data to AWX's modules; stand-ins take their place, since awx.awx comes with AWX."""

from __future__ import annotations

import datetime
import json
import os
import subprocess
import sys
from pathlib import Path

import botocore.session
import dateutil.parser
import dateutil.rrule
import jinja2
import pytest
import yaml

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
    "schedule": {"name", "organization", "description", "unified_job_template", "rrule", "enabled"},
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
    """Run the playbook with stand-ins; returns its result and what they were given, a list by module."""
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
        given: dict[str, list] = {}
        for module, options in map(json.loads, lines):
            given.setdefault(module, []).append(options)
        return ran, given

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
    site, *others = given["job_template"]
    assert site["survey_spec"] == awx.template("site")["survey_spec"]
    assert site["name"] == "platform-site-production"
    assert site["credentials"] == ["aws-production"]
    assert {Path(template["playbook"]).stem for template in others} == {
        *("clickhouse_backup", "clickhouse_verify", "clickhouse_restore"),
        *("tenants", "db_switchover", "db_failover", "db_rebuild_replica"),
        *("restore_instance", "restore_tenant", "prove_restore"),
        *("media", "media_rotate"),
    }
    assert all((CHECKOUT / template["playbook"]).exists() for template in given["job_template"])
    (credential_type,), (source,) = given["credential_type"], given["inventory_source"]
    assert credential_type["injectors"]["env"] == {"AWS_SHARED_CREDENTIALS_FILE": "{{ tower.filename }}"}
    assert source["source_path"] == "inventories/production/hosts.yml"
    assert (CHECKOUT / source["source_path"]).exists()


def test_schedules_run_templates_that_are_there(configure):
    ran, given = configure("-e", json.dumps({"awx_credentials": ["a"], "awx_image": "image"}))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    names = {template["name"] for template in given["job_template"]}
    assert {schedule["unified_job_template"] for schedule in given["schedule"]} == {
        "platform-clickhouse-backup-production",
        "platform-clickhouse-verify-production",
        "platform-prove-restore-production",
    }
    # Less than the five days after which the alarm goes off.
    longest = {"platform-prove-restore-production": datetime.timedelta(days=4)}
    for schedule in given["schedule"]:
        assert schedule["unified_job_template"] in names
        start, _space, rule = schedule["rrule"].partition(" ")
        first = dateutil.parser.isoparse(start.rpartition(":")[2])
        runs = dateutil.rrule.rrulestr(rule, dtstart=first)
        pauses = {runs[number + 1] - runs[number] for number in range(7)}
        assert max(pauses) == longest.get(schedule["unified_job_template"], datetime.timedelta(days=1))


def test_what_has_no_default_is_asked_for(configure):
    ran, given = configure()
    assert ran.returncode != 0
    assert "Give awx_image" in ran.stdout
    assert not given


@pytest.mark.parametrize(
    "given", [{}, {"session_token": "token"}, {"role_arn": "arn:aws:iam::111122223333:role/operator"}]
)
def test_a_credential_leads_to_keys_or_to_a_role(given, tmp_path):
    """The file as AWX writes it, read by the SDK."""
    injectors = json.loads((CHECKOUT / "extensions" / "awx" / "credential_injectors.json").read_text())
    keys = {"access_key": "AKIA", "secret_key": "secret"}
    file = tmp_path / "credentials"
    file.write_text(jinja2.Template(injectors["file"]["template"]).render(keys | given))
    session = botocore.session.Session()
    session.set_config_variable("credentials_file", str(file))
    session.set_config_variable("config_file", str(tmp_path / "none"))
    profile = session.full_config["profiles"]["default"]
    if "role_arn" in given:
        assert (profile["role_arn"], profile["source_profile"]) == (given["role_arn"], "keys")
        profile = session.full_config["profiles"]["keys"]
    assert (profile["aws_access_key_id"], profile["aws_secret_access_key"]) == ("AKIA", "secret")
    assert profile.get("aws_session_token") == given.get("session_token")


def test_awx_installs_the_collection_out_of_the_project():
    wanted = yaml.safe_load((CHECKOUT / "collections" / "requirements.yml").read_text())
    assert wanted == {"collections": [{"name": ".", "type": "dir"}]}
