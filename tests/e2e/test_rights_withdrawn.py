# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Without any one of its rights a run stops before its first change, or warns, and names the action."""

from __future__ import annotations

import pytest

from tests.support import playbooks, withdrawal

pytestmark = pytest.mark.nightly

# One of the actions that the runs need; `make soak` takes twenty.
DRAWN = 1


def test_a_right_that_is_missing_is_named(own_lab):
    for action in withdrawal.drawn(DRAWN):
        print(withdrawal.run_without(own_lab, action))


def test_with_the_question_not_allowed_the_preflight_goes_on_and_says_so(own_lab):
    with withdrawal.without(own_lab, "iam:SimulatePrincipalPolicy"):
        ran = playbooks.run(own_lab, playbook="playbooks/phases/preflight.yml").succeeded()
    assert "permission iam:SimulatePrincipalPolicy" in ran.output
    assert "No problem was found." in ran.output


@pytest.mark.parametrize(("setting", "asked"), [("warn", True), ("off", False)])
def test_missing_rights_can_be_told_only_or_not_asked_for(own_lab, setting, asked):
    with withdrawal.without(own_lab, "ec2:CreateNatGateway"):
        arguments = ("-e", f"preflight_rights={setting}")
        ran = playbooks.run(own_lab, *arguments, playbook="playbooks/phases/preflight.yml").succeeded()
    assert ("ec2:CreateNatGateway" in ran.output) == asked
