# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from ansible_collections.knowledgecity.platform.plugins.module_utils._account_baseline.memory import Memory, to_restore
from ansible_collections.knowledgecity.platform.plugins.module_utils._account_baseline.model import desired, plan
from ansible_collections.knowledgecity.platform.plugins.module_utils._account_baseline.store import (
    BaselineReconciler,
    BaselineRestorer,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import converge
from botocore.exceptions import ClientError

EBS, METADATA, PUBLIC = (
    "EBS encryption by default",
    "defaults of instance metadata",
    "public access block of the account",
)
NOTHING = dict.fromkeys(("ebs_encryption", "ebs_key", "instance_metadata", "s3_public_access_block"))
BLOCKED = dict.fromkeys(("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True)


def test_what_is_not_asked_for_is_left():
    assert desired(NOTHING) == {}
    assert plan({"EBS encryption by default": False}, {}) == []


def test_encryption_comes_before_its_key():
    wanted = desired(NOTHING | {"ebs_key": "arn", "ebs_encryption": True})
    changes = plan({"EBS encryption by default": False, "default key of EBS": "alias/aws/ebs"}, wanted)
    assert [(change.resource, change.before, change.after) for change in changes] == [
        ("EBS encryption by default", False, True),
        ("default key of EBS", "alias/aws/ebs", "arn"),
    ]


def test_only_what_is_stated_of_the_metadata_service_counts():
    wanted = desired(NOTHING | {"instance_metadata": {"http_tokens": "required", "hop_limit": None}})
    assert wanted == {"defaults of instance metadata": {"HttpTokens": "required"}}
    held = {"HttpTokens": "required", "HttpPutResponseHopLimit": 2}
    assert plan({"defaults of instance metadata": held}, wanted) == []
    assert len(plan({"defaults of instance metadata": {}}, wanted)) == 1


def test_public_access_is_blocked_in_all_four_ways():
    wanted = desired(NOTHING | {"s3_public_access_block": True})
    assert wanted == {"public access block of the account": BLOCKED}
    assert plan({"public access block of the account": BLOCKED}, wanted) == []
    assert len(plan({"public access block of the account": BLOCKED | {"BlockPublicAcls": False}}, wanted)) == 1
    assert len(plan({"public access block of the account": None}, wanted)) == 1


def test_each_change_is_one_call():
    calls = []

    class Client:
        def __getattr__(self, operation):
            def call(**arguments):
                calls.append((operation, arguments))
                return {"EbsEncryptionByDefault": False, "KmsKeyId": "alias/aws/ebs"}

            return call

    wanted = desired(NOTHING | {"ebs_key": "arn", "ebs_encryption": True})
    reconciler = BaselineReconciler(wanted, lambda _service: Client(), "me-west-1", None)
    changes = reconciler.plan(reconciler.read())
    calls.clear()
    reconciler.apply(changes[1:])
    assert calls == [("modify_ebs_default_kms_key_id", {"KmsKeyId": "arn"})]
    reconciler.apply(changes[:1])
    assert calls[1:] == [("enable_ebs_encryption_by_default", {})]


class Table:
    """DynamoDB with one table, or none."""

    def __init__(self, *, exists: bool = True):
        self.item = None
        self._exists = exists

    def get_item(self, **_arguments):
        if not self._exists:
            raise ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "GetItem")
        return {"Item": self.item} if self.item else {}

    def put_item(self, TableName, Item):  # noqa: N803 (botocore's names)
        assert Item["name"] == {"S": "account-defaults"}, "the region record is another item"
        self.item = Item


def test_what_was_there_first_is_remembered_and_put_back_where_nobody_changed_it():
    memory = Memory(Table(), "kc-record")
    memory.note(
        plan(
            {EBS: False, METADATA: {}, PUBLIC: None}, {EBS: True, METADATA: {"HttpTokens": "required"}, PUBLIC: BLOCKED}
        )
    )
    # A later run with other settings finds its own values, which are not what was there first.
    memory.note(
        plan(
            {METADATA: {"HttpTokens": "required"}}, {METADATA: {"HttpTokens": "required", "HttpPutResponseHopLimit": 2}}
        )
    )
    now = {EBS: True, METADATA: {"HttpTokens": "required", "HttpPutResponseHopLimit": 2}, PUBLIC: BLOCKED}
    assert to_restore(memory.read(), now) == {
        EBS: False,
        METADATA: {"HttpTokens": "no-preference", "HttpPutResponseHopLimit": -1},
        PUBLIC: dict.fromkeys(BLOCKED, False),
    }
    somebody = now | {METADATA: {"HttpTokens": "optional"}, PUBLIC: BLOCKED | {"BlockPublicAcls": False}}
    assert to_restore(memory.read(), somebody) == {EBS: False}


def test_an_account_without_the_table_remembers_nothing():
    memory = Memory(Table(exists=False), "kc-record")
    memory.note(plan({EBS: False}, {EBS: True}))
    assert memory.read() is None


def test_a_restoration_reads_plans_and_sets():
    class Ec2:
        on = True

        def get_ebs_encryption_by_default(self):
            return {"EbsEncryptionByDefault": self.on}

        def disable_ebs_encryption_by_default(self):
            self.on = False

    ec2, memory = Ec2(), Memory(Table(), "kc-record")
    memory.note(plan({EBS: False}, {EBS: True}))
    restorer = BaselineRestorer(memory, BaselineReconciler({}, lambda _service: ec2, "me-west-1", None))
    changes, _settings = converge(restorer, check_mode=False, timeout=0)
    assert ([change.resource for change in changes], ec2.on) == ([EBS], False)
