# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The job template `site`, run by ansible-runner as AWX runs it. AWX's server and the image are not part of this.

The tests run in this order on one lab.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab.settings import CHECKOUT
from tests.support import awx, snapshot
from tests.support.labs import Clients, running_lab

HOSTS = {"me-west-1", "eu-central-1", "global"}
ANSWERS = {"platform_expected_environment": "lab"}


@pytest.fixture(scope="module")
def own_lab(tmp_path_factory) -> Iterator[Clients]:
    with running_lab(tmp_path_factory.mktemp("awx"), instances=True) as clients:
        yield clients


def launch(lab: Clients, folder, *arguments: str, **variables) -> awx.Job:
    """A job with the survey's answers; variables that AWX itself would refuse go round it."""
    return awx.launch(lab, folder, "site", awx.extra_vars(awx.template("site"), ANSWERS) | variables, *arguments)


def files_with_the_secret(lab: Clients, job: awx.Job) -> list[str]:
    """What AWX keeps of a job, where the operator's secret stands in it."""
    kept = [file for file in job.artifacts.rglob("*") if file.is_file()]
    assert any(file.parent.name == "job_events" for file in kept)
    return [file.name for file in kept if lab.stack.operator_key()["secret"] in file.read_text(errors="replace")]


def test_the_playbook_is_there_and_the_questions_are_about_documented_variables():
    template = awx.template("site")
    assert (CHECKOUT / template["playbook"]).exists()
    documented = (CHECKOUT / "docs" / "settings.md").read_text() + (CHECKOUT / "roles/preflight/README.md").read_text()
    for question in template["survey_spec"]["spec"]:
        assert f"`{question['variable']}`" in documented, f"{question['variable']} is documented nowhere"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"platform_expected_environment": ""}, "value missing"),
        ({"preflight_rights": "perhaps"}, "not among the choices"),
        ({"preflight_timeout": "soon"}, "wrong type"),
        ({"preflight_timeout": 4}, "out of bounds"),
    ],
)
def test_awx_refuses_answers_that_do_not_fit_the_survey(answer, message):
    with pytest.raises(awx.RefusedAnswerError, match=message):
        awx.extra_vars(awx.template("site"), ANSWERS | answer)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"platform_expected_environment": "production"}, "this inventory describes the environment 'lab'"),
        ({"preflight_rights": "perhaps"}, "value of preflight_rights must be one of: stop, warn, off, got: perhaps"),
    ],
)
def test_a_wrong_answer_stops_the_job_before_its_first_change(own_lab, tmp_path, answer, message):
    job = launch(own_lab, tmp_path, **answer)
    assert job.status == "failed"
    assert message in " ".join(job.output.split())
    assert not job.changed
    assert not files_with_the_secret(own_lab, job)


def test_check_mode_says_what_would_be(own_lab, tmp_path):
    job = launch(own_lab, tmp_path, "--check", "--diff")
    assert job.status == "successful", job.output[-3000:]
    assert not job.failures
    assert set(job.changed) == HOSTS
    assert "kc-lab-me-west-1-network" in job.output
    assert not snapshot.digest(own_lab)["iam"], "check mode created something"


def test_a_run_builds_and_leaves_no_secret_behind(own_lab, tmp_path):
    job = launch(own_lab, tmp_path)
    assert job.status == "successful", job.output[-3000:]
    assert not job.failures
    assert set(job.changed) == HOSTS
    assert all(snapshot.digest(own_lab).values())
    assert not files_with_the_secret(own_lab, job)
