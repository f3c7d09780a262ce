# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""What the roles really made, read back and judged by Checkov: nothing is found that isn't explained."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from lab.settings import CHECKOUT
from tests.policies.accepted import Accepted
from tests.policies.checkov import checked_kinds, judge
from tests.policies.faults import FOUND_BY, PREFIX, make_faults
from tests.policies.read_back.everything import ACCOUNT_REGION, everything
from tests.policies.read_back.kinds import KINDS, tagged_kinds
from tests.support.labs import running_lab
from tests.support.playbooks import run

ACCEPTED = Accepted(Path(__file__).parent / "accepted_checkov.yml")
REGION = "me-west-1"
TAGS = {"platform": "checkov", "environment": "test"}
SETTINGS = {
    "platform_name": TAGS["platform"],
    "platform_environment": TAGS["environment"],
    "platform_domain": "checkov.example",
    # Checkov has nothing to say about these, and they take their time.
    "network_peering": False,
    "network_nat_per_zone": False,
    "network_interface_endpoints": [],
}


@pytest.fixture(scope="module")
def built(lab, tmp_path_factory):
    """The resources of one region and of the account, by region."""
    folder = tmp_path_factory.mktemp("build")
    play = folder / "play.yml"
    phases = [CHECKOUT / "playbooks" / "phases" / f"{name}.yml" for name in ("account", "regional")]
    play.write_text("".join(f"- ansible.builtin.import_playbook: {phase}\n" for phase in phases))
    # The runner's bundle is of no interest, so it is an empty one.
    requirements = folder / "requirements.txt"
    requirements.touch()
    settings = json.dumps(SETTINGS | {"runner_requirements": str(requirements)})
    limit = f"--limit={REGION},global"
    run(lab, limit, "--extra-vars", settings, playbook=str(play), administrator=True).succeeded()
    return {region: everything(lab, "-".join(TAGS.values()), region) for region in (REGION, ACCOUNT_REGION)}


@pytest.fixture(scope="module")
def verdict(built, tmp_path_factory):
    return judge(built, tmp_path_factory.mktemp("built"))


def _unexplained(verdict):
    return [found for found in verdict.findings if not ACCEPTED.explain(**asdict(found))]


def test_nothing_unexplained_is_found(verdict):
    assert _unexplained(verdict) == []
    assert verdict.passed > len(verdict.findings)


def test_every_explanation_is_still_needed(verdict):
    _unexplained(verdict)
    assert ACCEPTED.unneeded() == []


def test_every_kind_that_checkov_knows_is_read_back(lab, built, tmp_path):
    made = set.union(*(tagged_kinds(lab("resourcegroupstaggingapi", region), TAGS) for region in built))
    assert sorted(made - set(KINDS)) == [], "say in read_back/kinds.py what CloudFormation calls them"
    known = {KINDS[kind] for kind in made} & checked_kinds(tmp_path)
    judged = {resource.kind for resources in built.values() for resource in resources}
    assert sorted(known - judged) == [], "read them back, too: Checkov has checks for them"


def test_faults_are_found(tmp_path):
    # A new account: where the baseline was laid, S3 refuses a public bucket.
    with running_lab(tmp_path / "lab") as new:
        make_faults(new, ACCOUNT_REGION)
        faults = everything(new, PREFIX, ACCOUNT_REGION)
    folder = tmp_path / "templates"
    folder.mkdir()
    found = {(finding.check, finding.kind) for finding in judge({ACCOUNT_REGION: faults}, folder).findings}
    assert sorted(FOUND_BY - found) == []
