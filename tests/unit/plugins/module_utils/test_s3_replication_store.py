# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._s3_replication.checks import Destination, Source
from ansible_collections.knowledgecity.platform.plugins.module_utils._s3_replication.model import (
    Configuration,
    Replication,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._s3_replication.reconciler import (
    ReplicationReconciler,
    Settings,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._s3_replication.store import ReplicationStore
from botocore.exceptions import ClientError, ConnectTimeoutError

KEY = "arn:aws:kms:eu-central-1:111122223333:key/1234"
ENTRY = Replication("me-media", "eu-media", "eu-central-1", role_arn="arn:aws:iam::111122223333:role/r")


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}}, "Operation")


class Client:
    """Answers each operation with what it was given: data, or an exception to raise."""

    def __init__(self, **answers):
        self._answers = answers

    def __getattr__(self, name: str):
        def call(**_arguments):
            answer = self._answers[name]
            if isinstance(answer, Exception):
                raise answer
            return answer

        return call


def store(kms: Client | None = None, **s3) -> ReplicationStore:
    return ReplicationStore(lambda service, _region: kms if service == "kms" else Client(**s3), "me-west-1")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (refusal("ReplicationConfigurationNotFoundError"), Configuration()),
        (refusal("NoSuchBucket"), Configuration(exists=False)),
        ({"ReplicationConfiguration": {"Role": "r", "Rules": [{"ID": "x"}]}}, Configuration(True, "r", ({"ID": "x"},))),
    ],
)
def test_what_a_bucket_replicates(answer, expected):
    assert store(get_bucket_replication=answer).configurations(["me-media"]) == {"me-media": expected}


def test_a_bucket_that_can_not_be_read_is_an_error_that_names_it():
    with pytest.raises(PlatformError, match=r"read the replication of bucket me-media in me-west-1.*AccessDenied"):
        store(get_bucket_replication=refusal("AccessDenied")).configurations(["me-media"])


def encryption(algorithm: str) -> dict:
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": algorithm}}
    return {"ServerSideEncryptionConfiguration": {"Rules": [{"BucketKeyEnabled": True}, rule]}}


@pytest.mark.parametrize(
    ("versioning", "encrypted", "expected"),
    [
        ({"Status": "Enabled"}, encryption("aws:kms"), Source("Enabled", "aws:kms")),
        ({}, refusal("ServerSideEncryptionConfigurationNotFoundError"), Source(None, None)),
        (refusal("NoSuchBucket"), {}, None),
    ],
)
def test_what_a_source_shows(versioning, encrypted, expected):
    read = store(get_bucket_versioning=versioning, get_bucket_encryption=encrypted).sources(["me-media"])
    assert read == {"me-media": expected}


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ({"BucketRegion": "eu-central-1"}, "present"),
        (refusal("404"), "absent"),
        (refusal("403"), "refused"),
        (refusal("503"), "unreachable"),
        (ConnectTimeoutError(endpoint_url="https://s3.eu-central-1"), "unreachable"),
    ],
)
def test_what_a_destination_answers(head, status):
    read = store(head_bucket=head, get_bucket_versioning={"Status": "Enabled"}).destinations([ENTRY])
    assert read[ENTRY].status == status
    if status == "present":
        assert read[ENTRY] == Destination("present", "Enabled", "eu-central-1", None)


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ({"KeyMetadata": {"KeyState": "Disabled"}}, "Disabled"),
        (refusal("NotFoundException"), "absent"),
        (refusal("AccessDeniedException"), None),
    ],
)
def test_what_is_known_of_the_destinations_key(answer, state):
    entry = Replication("me-media", "eu-media", "eu-central-1", destination_kms_key=KEY)
    s3 = {"head_bucket": {}, "get_bucket_versioning": {}}
    assert store(Client(describe_key=answer), **s3).destinations([entry])[entry].key_state == state


def test_all_problems_of_all_buckets_are_reported_at_once():
    bare = store(
        get_bucket_replication=refusal("ReplicationConfigurationNotFoundError"),
        get_bucket_versioning={},
        get_bucket_encryption=encryption("aws:kms"),
        head_bucket={"BucketRegion": "us-east-1"},
    )
    entries = [
        ENTRY,
        Replication("me-backups", "eu-backups", "eu-central-1", replication_time_control=True, metrics=False),
    ]
    reconciler = ReplicationReconciler(entries, Settings("me-west-1"), bare)
    with pytest.raises(PlatformError) as caught:
        reconciler.plan(reconciler.read())
    text = str(caught.value)
    assert text.startswith("10 problems, and nothing was changed")
    for part in ("me-media", "me-backups", "no role", "needs O(replications[].metrics)", "really in us-east-1"):
        assert part in text
