# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Find what keeps a tenant's dedicated instance from being changed, and where its data may not be."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances import checks, residency
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances.model import (
    ParameterGroup,
    State,
)

from tests.support.tenant_instances import (
    AWAY,
    HOME,
    KEYS,
    TYPES,
    arn,
    instance,
    master_state,
    settled_state,
    wanted,
    with_instance,
    with_values,
)

_NONE = State(types=TYPES, keys=KEYS)


def _texts(findings) -> list[str]:
    assert all(finding.kind == "wrong" for finding in findings)
    return [finding.text for finding in findings]


def _by_entries(*entries, standby=AWAY) -> list[str]:
    return _texts(checks.check_entries(entries, standby=standby))


def _by_state(entry, state) -> list[str]:
    return _texts(checks.check_state([entry], state, HOME))


def test_sound_entries_and_states_have_no_findings():
    entry = wanted(own={"replica": True})
    for state in (_NONE, settled_state(entry)):
        assert _by_state(entry, state) == []
    assert _by_entries(entry, wanted("b")) == []


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (wanted(own={"identifier": "No_such"}), "no identifier"),
        (wanted(own={"identifier": "a" * 64}), "no identifier"),
        (wanted(own={"storage_gib": 100, "storage_max_gib": 109}), "at least a tenth above storage_gib (100)"),
        (wanted(own={"backup_retention_days": 0}), "1 to 35 days"),
        (wanted(own={"backup_retention_days": 36}), "1 to 35 days"),
        (wanted(own={"monitoring_interval": 60}), "monitoring_role_arn in me-west-1"),
        (wanted(own={"replica": True}, standby={"region": AWAY}), "key of eu-central-1"),
        (wanted(state="absent"), "final_snapshot of its own"),
    ],
)
def test_entries_that_can_not_work(entry, words):
    (text,) = _by_entries(entry)
    assert words in text


def test_a_replica_needs_a_region_of_its_own_and_an_instance_one_tenant():
    assert "doesn't say where" in _by_entries(wanted(own={"replica": True}, standby=None), standby=None)[0]
    assert "name the other one" in _by_entries(wanted(), standby=HOME)[0]
    twice = [wanted("a", own={"identifier": "same"}), wanted("b", own={"identifier": "same"})]
    assert _by_entries(*twice) == [f"2 tenants have an instance same in {HOME}: one each."]


_ACME = wanted()


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"engine": "postgres"}, "not MySQL"),
        ({"source": arn(AWAY, "x")}, "is a read replica"),
        ({"status": "stopped"}, "start-db-instance"),
        ({"status": "incompatible-parameters"}, "correct its parameter group"),
        ({"status": "failed"}, "read its events"),
        ({"encrypted": False}, "copy-db-snapshot --kms-key-id alias/home"),
        ({"kms_key": "arn:other-key"}, "encrypted with arn:other-key"),
        ({"managed_password": True}, "--no-manage-master-user-password"),
    ],
)
def test_an_instance_that_can_not_be_taken_over(other, words):
    state = with_instance(settled_state(_ACME), instance(_ACME, **other))
    (text,) = _by_state(_ACME, state)
    assert words in text
    assert text.startswith("acme: kc-me-west-1-database-acme in me-west-1 ")


def test_storage_is_not_shrunk():
    small = wanted(own={"storage_gib": 20})
    large = with_values(instance(small), AllocatedStorage=100, MaxAllocatedStorage=100)
    assert "can't shrink it to 20" in _by_state(small, with_instance(settled_state(small), large))[0]
    grown = with_values(large, MaxAllocatedStorage=200)
    assert _by_state(small, with_instance(settled_state(small), grown)) == [], "RDS let it grow"


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (wanted(own={"parameters": {"no_such": 1}}), "no_such is no parameter of mysql8.4"),
        (wanted(own={"parameters": {"max_connections": "many"}}), "max_connections is 'many'"),
        (wanted(own={"kms_key": "alias/none"}), "no key alias/none in me-west-1"),
        (wanted(own={"subnets": []}), "needs subnets"),
    ],
)
def test_what_a_new_instance_can_not_have(entry, words):
    state = replace(_NONE, keys=KEYS | {(HOME, "alias/none"): None})
    assert any(words in text for text in _by_state(entry, state))


def test_families_that_are_unknown_or_not_the_groups():
    entry = wanted(own={"parameter_family": "mysql9.9"})
    assert "no parameter family mysql9.9" in _by_state(entry, replace(_NONE, types={"mysql9.9": {}}))[0]
    old = settled_state(_ACME, parameter_groups={_ACME.at.key: ParameterGroup("mysql8.0", {})})
    assert "of the family mysql8.0, not mysql8.4" in _by_state(_ACME, old)[0]


def test_a_replica_that_is_none():
    entry = wanted(own={"replica": True})
    state = settled_state(entry)
    promoted = with_instance(state, replace(state.at(entry.replica), source=None))
    assert "If it was promoted" in _by_state(entry, promoted)[0]


def test_a_master_secret_of_another_region_is_read_only():
    held = replace(master_state(), secret=replace(master_state().secret, primary_region=AWAY))
    (text,) = _by_state(_ACME, settled_state(_ACME, masters={"acme": held}))
    assert "stop-replication-to-replica" in text


_REMOVED = wanted(state="absent", final_snapshot="last", own={"deletion_protection": False})


def test_removal_is_refused_where_protection_was_not_taken_back():
    protected = wanted(state="absent", final_snapshot="last")
    (text,) = _by_state(protected, settled_state(_ACME))
    assert "state deletion_protection: false" in text
    assert _by_state(_REMOVED, settled_state(_ACME)) == []
    assert _by_state(_REMOVED, State()) == []


def test_removal_is_refused_where_the_snapshot_is_there_or_a_replica_out_of_sight():
    (text,) = _by_state(_REMOVED, settled_state(_ACME, snapshots={"last": "available"}))
    assert "exists already" in text
    going = with_instance(settled_state(_ACME, snapshots={"last": "creating"}), instance(_ACME, status="deleting"))
    assert _by_state(_REMOVED, going) == [], "that run goes on"
    followed = replace(instance(_ACME), replicas=(arn("ap-south-1", "far"),))
    (text,) = _by_state(_REMOVED, with_instance(settled_state(_ACME), followed))
    assert "far in ap-south-1" in text


# Residency


def test_a_dedicated_instance_and_its_replica_are_where_residency_allows_it():
    assert _texts(residency.check_dedicated([wanted(residency=[HOME], own={"replica": True})], State()))[0].startswith(
        "acme asks for a replica in eu-central-1"
    )
    assert (
        "its instance would be in me-west-1"
        in _texts(residency.check_dedicated([wanted(residency=[AWAY])], State()))[0]
    )
    assert residency.check_dedicated([wanted(residency=[HOME, AWAY], own={"replica": True})], State()) == []


def test_a_replica_that_only_the_defaults_ask_for_is_left_out_where_residency_forbids_it():
    entry = wanted(residency=[HOME], defaults={"replica": True})
    assert entry.replica is None
    assert residency.check_dedicated([entry], State()) == []
    assert wanted(residency=[HOME, AWAY], defaults={"replica": True}).replica is not None


def test_copies_that_are_there_against_residency_are_told_with_the_command_that_ends_them():
    entry = wanted(residency=[HOME])
    copied = replace(instance(entry), replicas=(arn(AWAY, "copy"),), backup_regions=("ap-south-1",))
    replica, backups = _texts(residency.check_dedicated([entry], with_instance(settled_state(entry), copied)))
    assert (
        "aws rds delete-db-instance --region eu-central-1 --skip-final-snapshot --db-instance-identifier copy"
        in replica
    )
    assert f"--region ap-south-1 --source-db-instance-arn {copied.arn}" in backups


def test_a_schema_is_refused_where_the_shared_instance_or_a_copy_of_it_may_not_be():
    shared = replace(instance(wanted("shared")), replicas=(arn(AWAY, "copy"),), backup_regions=(AWAY, "ap-south-1"))
    assert residency.check_shared({"acme": frozenset({HOME, AWAY, "ap-south-1"})}, shared, HOME) == []
    texts = _texts(residency.check_shared({"acme": frozenset({HOME}), "globex": frozenset({AWAY})}, shared, HOME))
    assert len(texts) == 4
    assert "has the read replica copy in eu-central-1" in texts[0]
    assert "has its replicated automated backups in ap-south-1" in texts[1]
    assert "has the instance itself in me-west-1" in texts[2]
    assert all("isolation: instance" in text for text in texts)
