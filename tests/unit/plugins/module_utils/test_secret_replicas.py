# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Plan which secrets a region lacks."""

from __future__ import annotations

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._secret_replica_keys import ReplicaKeys
from ansible_collections.knowledgecity.platform.plugins.module_utils._secret_replicas.model import Secret, check, plan


def test_only_what_a_region_lacks_is_replicated():
    secrets = [Secret("p/a", frozenset({"eu-central-1"})), Secret("p/b", frozenset({"us-east-1"}))]
    (change,) = plan(secrets, {"eu-central-1": "alias/k"})
    assert (change.name, change.region, change.after) == ("p/b", "eu-central-1", {"kms_key": "alias/k"})
    assert plan(secrets[:1], {"eu-central-1": None}) == []


def test_a_replica_under_another_key_is_drift():
    """https://github.com/aws/aws-cdk/issues/29819"""
    secret = Secret("p/a", frozenset({"eu-central-1"}), {"eu-central-1": "alias/old"})
    (change,) = plan([secret], {"eu-central-1": "alias/k"})
    assert (change.action, change.resource) == ("update", "key of secret p/a in eu-central-1")
    assert (change.before, change.after) == ({"kms_key": "alias/old"}, {"kms_key": "alias/k"})


class _Region:
    """Secrets Manager and KMS of a region, with one replica."""

    def __init__(self, key: str | None):
        self.key = key

    def describe_secret(self, **_asked) -> dict:
        return {"Name": "p/a"} | ({"KmsKeyId": self.key} if self.key else {})

    def update_secret(self, **asked) -> None:
        self.key = asked["KmsKeyId"]

    def describe_key(self, **asked) -> dict:
        arn = {"alias/new": "arn:aws:kms:eu:1:key/new", "alias/old": "arn:aws:kms:eu:1:key/old"}.get(asked["KeyId"])
        arn = arn or "arn:aws:kms:eu:1:key/default"
        return {"KeyMetadata": {"KeyId": arn.rpartition("/")[2], "Arn": arn, "KeyState": "Enabled"}}


@pytest.mark.parametrize(
    ("held", "differs"),
    [("alias/new", False), ("arn:aws:kms:eu:1:key/new", False), ("alias/old", True), (None, True)],
)
def test_keys_are_compared_by_what_they_are(held, differs):
    region = _Region(held)
    keys = ReplicaKeys(lambda _service, _region: region, ["eu-central-1"])
    assert bool(keys.other("p/a", {"eu-central-1": "alias/new"})) is differs
    assert keys.other("p/a", {"eu-central-1": None}) == {}
    keys.change("p/a", "eu-central-1", "alias/new")
    assert keys.other("p/a", {"eu-central-1": "alias/new"}) == {}


def test_bad_options_are_found():
    assert "every secret" in check("", {"eu-central-1": None}, "me-west-1")[0].text
    assert "me-west-1" in check("p/", {"me-west-1": None}, "me-west-1")[0].text
    assert check("p/", {"eu-central-1": None}, "me-west-1") == []
