# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Role dns: certificates are requested early, and each region waits for its own before its listeners."""

from __future__ import annotations

import yaml

from lab.settings import CHECKOUT

ROLES = CHECKOUT / "roles"


def test_a_region_waits_for_its_own_certificates_alone(play):
    common = {"platform_domain": "kc.example", "platform_regions": {"me-west-1": {}, "eu-central-1": {}}}
    cases = {
        "region": {"aws_region": "eu-central-1"},
        "cloudfront": {"aws_region": "us-east-1"},
        "another": {"aws_region": "us-west-2"},
        "none": {"dns_certificates": []},
    }
    tasks = [
        {"ansible.builtin.set_fact": {"answer": "{{ __dns_region_certificates | map(attribute='regions') | list }}"}}
    ]
    answers = play("dns", {case: common | more for case, more in cases.items()}, tasks)
    assert answers == {"region": [["eu-central-1"]], "cloudfront": [["us-east-1"]], "another": [], "none": []}


def test_nothing_is_waited_for_before_a_region_is_built():
    tasks = yaml.safe_load((ROLES / "dns/tasks/certificates.yml").read_text())
    (requested,) = [task for task in tasks if "knowledgecity.platform.acm_public_certificate" in task]
    assert requested["knowledgecity.platform.acm_public_certificate"]["wait"] is False
    assert not any("until" in task or "ansible.builtin.assert" in task for task in tasks)


def test_the_wait_comes_after_what_needs_no_certificate_and_before_what_does():
    order = {
        role.parent.parent.name: yaml.safe_load(role.read_text())["order"] for role in ROLES.glob("*/meta/tier.yml")
    }
    assert max(order[role] for role in ("network", "storage", "runner")) < order["dns"] < order["media"]
