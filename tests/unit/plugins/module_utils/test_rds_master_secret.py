# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Plan the secret of a master user."""

from __future__ import annotations

import dataclasses

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_master_secret.model import (
    VERSION_TAG,
    Secret,
    State,
    Wanted,
    check,
    not_replicated,
    plan,
    plan_absent,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_master_secret.reconciler import (
    MasterSecretReconciler,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_master_secret.store import MasterSecretStore
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

_WANTED = Wanted("p/master", "main", "admin", None, {"eu-central-1": None}, {"tier": "database"}, rotate=False)
_SECRET = Secret("arn", "v1", False, "me-west-1", frozenset({"eu-central-1"}), {"tier": "database"})
_STATE = State(_SECRET, "arn:db", "available", "admin", "v1", is_replica=False)


def _actions(wanted: Wanted = _WANTED, state: State = _STATE, rotated: bool = False) -> list[str]:
    return [step.action for step in plan(wanted, state, rotated)]


def test_what_is_as_wanted_needs_nothing():
    assert _actions() == []


def test_the_password_is_in_the_secret_before_it_is_set():
    assert _actions(state=dataclasses.replace(_STATE, secret=None, applied=None)) == ["create", "create", "set"]


def test_a_run_that_was_cut_off_is_completed():
    assert _actions(state=dataclasses.replace(_STATE, applied=None)) == ["set"]


def test_a_rotation_is_done_once():
    wanted = dataclasses.replace(_WANTED, rotate=True)
    assert _actions(wanted) == ["rotate", "set"]
    assert _actions(wanted, rotated=True) == []


def test_a_secret_that_is_pending_deletion_is_restored_and_not_deleted_again():
    pending_deletion = dataclasses.replace(
        _STATE, secret=dataclasses.replace(_SECRET, pending_deletion=True, replicas=frozenset())
    )
    assert _actions(state=pending_deletion) == ["restore", "create"]
    assert plan_absent(_WANTED, pending_deletion) == []
    assert [step.region for step in plan_absent(_WANTED, _STATE)] == ["eu-central-1", None]


def test_a_secret_that_is_pending_deletion_elsewhere_is_replaced():
    """As after a failover and a destruction: the primary secret was in another region."""
    there = dataclasses.replace(
        _STATE, secret=None, applied=None, pending_deletion_elsewhere=frozenset({"eu-central-1"})
    )
    assert _actions(state=there) == ["create", "replace", "set"]


def test_a_region_that_is_lost_is_not_replicated_to_and_said():
    """As after an emergency: the promoted secret has no replicas, and the region that was left doesn't answer."""
    promoted = dataclasses.replace(_SECRET, replicas=frozenset())
    silent = dataclasses.replace(_STATE, secret=promoted, silent=frozenset({"eu-central-1"}))
    assert _actions(state=silent) == []
    assert "eu-central-1 does not answer" in not_replicated(_WANTED, silent)[0]
    assert not_replicated(_WANTED, _STATE) == []


class _Manager:
    """Secrets Manager of a region: one that was promoted, or one whose API does not answer, or denies."""

    def __init__(self, error: Exception | None = None):
        self._error = error

    def describe_secret(self, **_asked):
        if self._error:
            raise self._error
        return {
            "ARN": "arn",
            "VersionIdsToStages": {"v1": ["AWSCURRENT"]},
            "Tags": [{"Key": "tier", "Value": "database"}],
        }

    def describe_db_instances(self, **_asked):
        instance = {"DBInstanceArn": "arn:db", "DBInstanceStatus": "available", "MasterUsername": "admin"}
        return {"DBInstances": [instance | {"TagList": [{"Key": VERSION_TAG, "Value": "v1"}]}]}


def _store(error: Exception) -> MasterSecretStore:
    managers = {"me-west-1": _Manager(), "eu-central-1": _Manager(error)}
    return MasterSecretStore(lambda _service, region: managers[region], "me-west-1", _WANTED, 60, 7)


def test_a_silent_region_is_passed_over_and_one_that_denies_is_an_error():
    warned: list[str] = []
    for error in (ReadTimeoutError(endpoint_url="u"), EndpointConnectionError(endpoint_url="u")):
        store = _store(error)
        reconciler = MasterSecretReconciler(
            _WANTED, store, "me-west-1", absent=False, check_mode=False, warn=warned.append
        )
        assert reconciler.plan(reconciler.read()) == []
        assert reconciler.plan(reconciler.read()) == []
    assert len(warned) == 2
    with pytest.raises(PlatformError, match="AccessDenied"):
        _store(ClientError({"Error": {"Code": "AccessDenied"}}, "DescribeSecret")).read()


def test_what_can_not_work_is_found():
    def texts(state: State, wanted: Wanted = _WANTED, region: str = "me-west-1") -> str:
        return " ".join(finding.text for finding in check(wanted, state, region))

    assert texts(_STATE) == ""
    assert "no DB instance" in texts(dataclasses.replace(_STATE, instance_arn=None))
    assert "read replica" in texts(dataclasses.replace(_STATE, is_replica=True))
    assert "not admin" in texts(dataclasses.replace(_STATE, master_username="root"))
    assert "read-only" in texts(_STATE, region="us-east-1")
    assert "its own region" in texts(_STATE, dataclasses.replace(_WANTED, replicas={"me-west-1": None}))
