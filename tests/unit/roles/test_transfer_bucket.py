# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""What Session Manager's connection hands over, secrets among it, is in a bucket that keeps nothing and no tier reads."""

from __future__ import annotations

import json

import yaml

from lab.settings import CHECKOUT

ROLES = CHECKOUT / "roles"


def test_secrets_in_transfer_are_not_kept_copied_or_read_by_tiers(play):
    tasks = [{"ansible.builtin.set_fact": {"answer": "{{ storage_buckets }}"}}]
    (buckets,) = play("storage", {"one": {}}, tasks).values()
    transfer = buckets["transfer"]
    assert (transfer["versioning"], transfer["noncurrent_days"], transfer["expire_days"]) == (False, 0, 1)
    assert transfer["replication"] == {"mode": "none"}
    (denied,) = transfer["statements"]
    assert (denied["Effect"], denied["Principal"]) == ("Deny", "*")
    assert "s3:GetObject" in denied["Action"]
    assert denied["Resource"] == "arn:aws:s3:::kc-test-me-west-1-storage-transfer/*"
    denied["Condition"]["ArnLike"]["aws:PrincipalArn"].sort(reverse=True)
    assert denied["Condition"] == {
        "ArnLike": {
            "aws:PrincipalArn": [
                f"arn:aws:iam::000000000000:role/kc-test-{region}-*" for region in ("me-west-1", "eu-central-1")
            ]
        }
    }


def test_the_connection_uses_that_bucket_and_no_tier_has_rights_to_it():
    runner = yaml.safe_load((ROLES / "runner/defaults/main.yml").read_text())
    assert runner["runner_ssm_buckets"].endswith("-REGION-storage-transfer")
    rights = [
        yaml.safe_load(file.read_text())
        for file in (*ROLES.glob("*/meta/tier.yml"), ROLES / "security/files/tiers.yml")
    ]
    assert '"transfer"' not in json.dumps(rights)
