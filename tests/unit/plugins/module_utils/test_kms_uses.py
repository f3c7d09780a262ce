# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""No key is scheduled for deletion while something is under it."""

from __future__ import annotations

import collections

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms.model import Key, Options
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms.uses import KeyUses, Use, told
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms_keys import reconciler as reconciling
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms_keys.model import Observed, Wanted
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms_replica_key.model import (
    Observed as ReplicaObserved,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms_replica_key.model import (
    Wanted as ReplicaWanted,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms_replica_key.reconciler import (
    ReplicaKeyReconciler,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import converge
from botocore.exceptions import ClientError

KEY_ID, OTHER_ID = "0a1b2c3d-0000-1111-2222-333344445555", "ffffffff-0000-1111-2222-333344445555"
ARN, OTHER = (f"arn:aws:kms:me-west-1:111122223333:key/{key}" for key in (KEY_ID, OTHER_ID))
ALIAS = {
    "AliasName": "alias/kc-data",
    "AliasArn": "arn:aws:kms:me-west-1:111122223333:alias/kc-data",
    "TargetKeyId": KEY_ID,
}


class Region:
    """A region's answers by operation, the same of all services."""

    def __init__(self, answers: dict, buckets: dict[str, str | None] | None = None):
        self._answers = {"list_aliases": ("Aliases", [ALIAS])} | answers
        self._buckets = buckets or {}
        self.asked = collections.Counter()

    def get_paginator(self, operation: str):
        region = self

        class Pages:
            def paginate(self, **arguments):
                region.asked[operation] += 1
                key, items = region._answers.get(operation, ("none", []))
                if "SnapshotType" in arguments:
                    items = [item for item in items if item["SnapshotType"] == arguments["SnapshotType"]]
                return [{key: items[:1]}, {key: items[1:]}]

        return Pages()

    def list_buckets(self):
        return {"Buckets": [{"Name": name} for name in self._buckets]}

    def get_bucket_encryption(self, Bucket):  # noqa: N803 (botocore's name)
        key = self._buckets[Bucket]
        if key is None or key == "AccessDenied":
            code = key or "ServerSideEncryptionConfigurationNotFoundError"
            raise ClientError({"Error": {"Code": code}}, "GetBucketEncryption")
        default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
        return {"ServerSideEncryptionConfiguration": {"Rules": [{"ApplyServerSideEncryptionByDefault": default}]}}


def uses(answers: dict, buckets: dict | None = None) -> list[str]:
    region = Region(answers, buckets)
    found = KeyUses(lambda _service: region, "me-west-1").read([ARN, OTHER])
    assert found[OTHER] == ()
    return [str(use) for use in found[ARN]]


def test_nothing_is_asked_about_no_key():
    region = Region({})
    assert KeyUses(lambda _service: region, "me-west-1").read([]) == {}
    assert not region.asked


@pytest.mark.parametrize(
    ("answers", "buckets", "said"),
    [
        ({}, {"plain": None, "theirs": "AccessDenied", "another": "arn:aws:kms:me-west-1:111122223333:key/x"}, []),
        (
            {"describe_volumes": ("Volumes", [{"VolumeId": "vol-1", "State": "in-use", "KmsKeyId": ARN}])},
            {},
            ["volume vol-1"],
        ),
        ({"describe_volumes": ("Volumes", [{"VolumeId": "vol-1", "State": "deleting", "KmsKeyId": ARN}])}, {}, []),
        (
            {"describe_snapshots": ("Snapshots", [{"SnapshotId": "snap-1", "KmsKeyId": ARN}])},
            {},
            ["snapshot of a volume snap-1"],
        ),
        (
            {"describe_db_instances": ("DBInstances", [{"DBInstanceIdentifier": "theirs", "KmsKeyId": ARN}])},
            {},
            ["database theirs"],
        ),
        (
            {
                "describe_db_snapshots": (
                    "DBSnapshots",
                    [
                        {"DBSnapshotIdentifier": f"s-{kind}", "KmsKeyId": ARN, "SnapshotType": kind}
                        for kind in ("manual", "awsbackup")
                    ],
                )
            },
            {},
            ["snapshot of a database s-awsbackup", "snapshot of a database s-manual"],
        ),
        (
            {
                "describe_db_instance_automated_backups": (
                    "DBInstanceAutomatedBackups",
                    [{"DBInstanceIdentifier": "copied", "KmsKeyId": ARN}],
                )
            },
            {},
            ["automated backups of the database copied"],
        ),
        (
            {"list_secrets": ("SecretList", [{"Name": "kc/a", "KmsKeyId": "alias/kc-data"}, {"Name": "kc/b"}])},
            {},
            ["secret kc/a"],
        ),
        (
            {"describe_log_groups": ("logGroups", [{"logGroupName": "flows", "kmsKeyId": ARN}])},
            {},
            ["log group flows"],
        ),
        (
            {},
            {"by-arn": ARN, "by-id": KEY_ID, "by-alias": ALIAS["AliasArn"]},
            ["bucket by-alias", "bucket by-arn", "bucket by-id"],
        ),
    ],
)
def test_what_is_under_a_key_is_found(answers, buckets, said):
    assert uses(answers, buckets) == said


def test_grants_of_the_account_and_of_services_are_no_use_and_those_of_others_are():
    class Granted(Region):
        def get_paginator(self, operation):
            if operation != "list_grants":
                return super().get_paginator(operation)

            class Pages:
                def paginate(self, KeyId):  # noqa: N803 (botocore's name)
                    mine = [
                        {"GranteePrincipal": "arn:aws:iam::111122223333:role/ours"},
                        {"GranteePrincipal": "rds.me-west-1.amazonaws.com"},
                        {"GranteePrincipal": "arn:aws:iam::999988887777:root"},
                    ]
                    return [{"Grants": mine if KeyId == ARN else []}]

            return Pages()

    region = Granted({})
    found = KeyUses(lambda _service: region, "me-west-1").read([ARN])[ARN]
    assert found == (Use("grant to another account,", "arn:aws:iam::999988887777:root"),)


def test_uses_are_told_by_kind_and_a_few_by_name():
    many = [Use("volume", f"vol-{number}") for number in range(5)] + [Use("database", "one")]
    assert told(many) == "database one; volume vol-0, vol-1, vol-2 and 2 more"


class Keys:
    """A store of one key; `left` holds what is under it, read by read."""

    def __init__(self, *left: tuple[Use, ...]):
        self._left = list(left)
        self.state = "Enabled"
        self.reads = 0

    def read(self, _entries, *, present):
        self.reads += 1
        uses = self._left.pop(0) if len(self._left) > 1 else self._left[0]
        return [Observed(Key(KEY_ID, ARN, self.state), uses={} if present else {ARN: uses})]

    def apply(self, changes):
        self.state = "PendingDeletion"


VOLUME, SNAPSHOT = Use("volume", "vol-1"), Use("snapshot of a database", "last")


def removed(keys: Keys, monkeypatch, *, keep: bool, patience: float = 5):
    monkeypatch.setattr(reconciling, "_BETWEEN_READS", 0)
    work = reconciling.KeyReconciler(
        [Wanted("alias/kc-data")], Options(present=False), keys, check_mode=False, keep_in_use=keep, patience=patience
    )
    return converge(work, check_mode=False, timeout=0)


def test_a_key_that_something_is_under_is_not_scheduled(monkeypatch):
    keys = Keys((SNAPSHOT,))
    with pytest.raises(PlatformError, match=r"snapshot of a database last.*Nothing was changed"):
        removed(keys, monkeypatch, keep=False)
    changes, state = removed(keys, monkeypatch, keep=True)
    assert (changes, keys.state) == ([], "Enabled")
    assert state.kept() == [{"alias": "alias/kc-data", "arn": ARN, "reason": "snapshot of a database last"}]


def test_volumes_that_are_going_are_waited_for(monkeypatch):
    keys = Keys((VOLUME,), (VOLUME,), ())
    changes, state = removed(keys, monkeypatch, keep=True)
    assert ([change.action for change in changes], keys.state, state.kept()) == (["delete"], "PendingDeletion", [])


def test_volumes_that_stay_keep_the_key(monkeypatch):
    keys = Keys((VOLUME,))
    assert removed(keys, monkeypatch, keep=True, patience=0.05)[0] == []
    assert keys.reads > 1


def test_what_stays_on_purpose_is_not_waited_for(monkeypatch):
    keys = Keys((SNAPSHOT, VOLUME))
    assert removed(keys, monkeypatch, keep=True, patience=60)[0] == []
    assert keys.reads == 1


PRIMARY = f"arn:aws:kms:eu-central-1:111122223333:key/{KEY_ID}"
REPLICA = ReplicaWanted(PRIMARY, "eu-central-1", "me-west-1", "alias/kc-media")


class Uses:
    def __init__(self, *found: Use):
        self._found = found

    def read(self, arns):
        return dict.fromkeys(arns, self._found)


class Replicas:
    """A store of one replica."""

    def __init__(self):
        self.state = "Enabled"

    def read(self, _entries):
        primary = Key(KEY_ID, PRIMARY, "Enabled", role="PRIMARY")
        return [ReplicaObserved(primary, Key(KEY_ID, ARN, self.state, role="REPLICA", primary_arn=PRIMARY))]

    def apply(self, _change):
        self.state = "PendingDeletion"


def replica_removed(store: Replicas, uses: Uses, *, keep: bool):
    regions = []

    def uses_in(region):
        regions.append(region)
        return uses

    work = ReplicaKeyReconciler(
        [REPLICA],
        Options(present=False),
        store,
        check_mode=False,
        skip_unavailable=False,
        uses_in=uses_in,
        keep_in_use=keep,
    )
    _changes, state = converge(work, check_mode=False, timeout=0)
    assert set(regions) == {"me-west-1"}, "the replica's region is the one that could not read any more"
    return state


def test_a_replica_that_something_in_its_region_is_under_is_not_scheduled():
    store = Replicas()
    with pytest.raises(PlatformError, match=r"nobody in me-west-1 could read.*snapshot of a database last"):
        replica_removed(store, Uses(SNAPSHOT), keep=False)
    state = replica_removed(store, Uses(SNAPSHOT), keep=True)
    assert (store.state, [each["arn"] for each in state.kept()]) == ("Enabled", [ARN])
    assert replica_removed(store, Uses(), keep=False).kept() == []
    assert store.state == "PendingDeletion"
