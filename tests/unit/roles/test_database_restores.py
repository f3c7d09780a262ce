# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Role database: what a restore is of, what it refuses, and the alarms on its proof."""

from __future__ import annotations

from typing import Any

TASKS = "knowledgecity.platform.database"


def keep(expression: str) -> list[dict[str, Any]]:
    return [{"ansible.builtin.set_fact": {"answer": f"{{{{ {expression} }}}}"}}]


def refusals(entry: str) -> list[dict[str, Any]]:
    """The tasks that keep why an entry point fails."""
    refused = {"ansible.builtin.set_fact": {"answer": "{{ ansible_failed_result.msg | default('other') }}"}}
    included = {"ansible.builtin.include_role": {"name": TASKS, "tasks_from": entry}}
    return [{"ansible.builtin.set_fact": {"answer": ""}}, {"block": [included], "rescue": [refused]}]


def test_the_source_is_the_writer_of_a_region_or_what_is_stated(play):
    cases = {
        "own": {"database_restore_of": "{{ database_region }}"},
        "other": {"database_restore_of": "eu-central-1", "database_account_id": "111122223333"},
        "stated": {"database_restore_source": "db-ABC"},
    }
    answers = play("database", cases, keep("__database_restore_source"))
    assert answers["own"].endswith("-database")
    assert answers["other"].startswith("arn:aws:rds:eu-central-1:111122223333:db:")
    assert answers["other"].endswith("-eu-central-1-database")
    assert answers["stated"] == "db-ABC"


def test_a_restore_without_a_second_or_over_the_database_is_refused(play):
    cases = {
        "no time": {},
        "same name": {"database_restore_time": "latest", "database_restore_name": "{{ database_name }}"},
        "bad name": {"database_restore_time": "latest", "database_restore_name": "Two--hyphens"},
        "unknown region": {"database_restore_time": "latest", "database_restore_of": "mars-1"},
    }
    answers = play("database", cases, refusals("restore"))
    assert all("database_restore_time" in answer for answer in answers.values()), answers


def test_a_tenant_is_named_or_its_schema_is(play):
    cases = {
        "none": {},
        "tenant": {"database_restore_tenant": "acme"},
        "schema": {"database_restore_tenant": "acme", "database_restore_schema": "legacy_erp"},
    }
    assert play("database", cases, keep("database_restore_schema")) == {
        "none": "",
        "tenant": "tenantacme",
        "schema": "legacy_erp",
    }
    (answer,) = play("database", {"none": {}}, refusals("restore_tenant")).values()
    assert "database_restore_tenant=NAME" in answer


def test_the_alarms_wait_as_long_as_a_proof_may_be_old(play):
    (alarms,) = play("database", {"default": {}}, keep("__database_restore_alarms")).values()
    age, unproven = alarms
    assert (age["threshold"], age["treat_missing_data"]) == (432000, "ignore")
    assert unproven["period"] * unproven["evaluation_periods"] == 432000
    assert unproven["treat_missing_data"] == "breaching"
    assert age["alarm_name"].endswith("-database-restore-age")
    cases = {"short": {"database_restore_proven_max_age": 60}, "long": {"database_restore_proven_max_age": 604801}}
    answers = play("database", cases, refusals("restore_alarms"))
    assert all("seven days" in answer for answer in answers.values()), answers


def test_the_age_of_a_proof_is_counted_from_its_tag(play):
    tags = {"restore-proven": "2020-01-01T00:00:00Z"}
    found = {"__database_found": {"resources": {"instances": [{"tags": tags}]}}}
    (age,) = play("database", {"old": found}, keep("__database_restore_age | float")).values()
    assert age > 180_000_000
    unknown = {"__database_found": {"resources": {"instances": []}}}
    assert play("database", {"none": unknown}, keep("__database_restore_proven")) == {"none": ""}
