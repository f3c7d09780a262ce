# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Run a job template of extensions/awx as AWX does: its survey's answers as extra variables, under ansible-runner."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ansible_runner
import yaml

from lab.settings import CHECKOUT
from tests.support.labs import Clients

TEMPLATES = CHECKOUT / "extensions" / "awx" / "job_templates"
_KINDS = {"text": str, "textarea": str, "password": str, "multiplechoice": str, "integer": int, "float": float}


class RefusedAnswerError(Exception):
    """An answer that AWX itself does not take."""


def template(name: str) -> dict[str, Any]:
    return yaml.safe_load((TEMPLATES / f"{name}.yml").read_text())


def extra_vars(job_template: dict[str, Any], answers: dict[str, Any]) -> dict[str, Any]:
    """The survey's answers, with its defaults, judged as AWX judges them before it starts a job."""
    values = {}
    for question in job_template["survey_spec"]["spec"]:
        name = question["variable"]
        value = answers.get(name, question["default"])
        if value == "" and question["required"]:
            raise RefusedAnswerError(f"{name} value missing")
        if not isinstance(value, _KINDS[question["type"]]):
            raise RefusedAnswerError(f"{name} is of the wrong type")
        size = len(value) if isinstance(value, str) else value
        if question["type"] != "multiplechoice" and not question["min"] <= size <= question["max"]:
            raise RefusedAnswerError(f"{name} is out of bounds")
        if value not in question.get("choices", [value]):
            raise RefusedAnswerError(f"{name} is not among the choices")
        values[name] = value
    return values


@dataclass(frozen=True)
class Job:
    """A finished job: its status, what it printed, its events, and the folder that AWX keeps."""

    status: str
    output: str
    events: list[dict[str, Any]]
    artifacts: Path

    # By host, from the last event: how many tasks came to that; a host that has none is left out.

    @property
    def ok(self) -> dict[str, int]:
        return self._stats("ok")

    @property
    def changed(self) -> dict[str, int]:
        return self._stats("changed")

    @property
    def failures(self) -> dict[str, int]:
        return self._stats("failures")

    def files_with(self, secret: str) -> list[str]:
        """Which of the files that AWX keeps of the job have a text in them."""
        kept = [file for file in self.artifacts.rglob("*") if file.is_file()]
        assert any(file.parent.name == "job_events" for file in kept)
        return [file.name for file in kept if secret in file.read_text(errors="replace")]

    def _stats(self, kind: str) -> dict[str, int]:
        stats = next(event for event in reversed(self.events) if event["event"] == "playbook_on_stats")
        return stats["event_data"][kind]


def launch(
    lab: Clients, folder: Path, name: str, variables: dict[str, Any], *arguments: str, inventory: str = "lab"
) -> Job:
    """Run the job template's playbook in a private data directory, as AWX fills one: project, inventory, env."""
    job_template = template(name)
    (folder / "env").mkdir(parents=True)
    (folder / "project").symlink_to(CHECKOUT)
    # The credential type of configure.yml: the keys stand in a file beside the artifacts, of which the environment has the path.
    environment = lab.environment() | {"ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1"}
    keys = {name: environment.pop(name.upper()) for name in ("aws_access_key_id", "aws_secret_access_key")}
    credentials = folder / "env" / "aws_credentials"
    credentials.write_text("\n".join(["[default]", *(f"{name} = {value}" for name, value in keys.items()), ""]))
    environment["AWS_SHARED_CREDENTIALS_FILE"] = str(credentials)
    (folder / "env" / "envvars").write_text(json.dumps(environment))
    (folder / "env" / "extravars").write_text(json.dumps(variables))
    (folder / "env" / "settings").write_text(json.dumps({"job_timeout": 900}))
    runner = ansible_runner.run(
        private_data_dir=str(folder),
        playbook=job_template["playbook"],
        inventory=str(CHECKOUT / "inventories" / inventory),
        cmdline=" ".join(["--forks", str(job_template["forks"]), *arguments]),
        quiet=True,
        process_isolation=False,
    )
    with runner.stdout as output:
        printed = output.read()
    return Job(runner.status, printed, list(runner.events), Path(runner.config.artifact_dir))
