# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The job template `site`, run by ansible-runner as AWX runs it: what it asks, and refuses.

tests/e2e/test_site.py lets such a job come to its end. AWX's server and the image are not part of this.
"""

from __future__ import annotations

import pytest

from lab.settings import CHECKOUT
from tests.support import awx

ANSWERS = {"platform_expected_environment": "lab"}


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
def test_a_wrong_answer_stops_the_job_before_its_first_change(lab, tmp_path, answer, message):
    job = awx.launch(lab, tmp_path, "site", awx.extra_vars(awx.template("site"), ANSWERS) | answer)
    assert job.status == "failed"
    assert message in " ".join(job.output.split())
    assert not job.changed
    assert not job.files_with(lab.stack.operator_key()["secret"])
