# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Role database: what it refuses of its settings, and what it asks of an instance that is there."""

from __future__ import annotations

from typing import Any

import yaml

from lab.settings import CHECKOUT

ROLE = CHECKOUT / "roles" / "database"
TASKS = "knowledgecity.platform.database"


def keep(expression: str) -> list[dict[str, Any]]:
    return [{"ansible.builtin.set_fact": {"answer": f"{{{{ {expression} }}}}"}}]


def refusals(entry: str) -> list[dict[str, Any]]:
    """The tasks that keep whether an entry point fails, and why."""
    refused = {"ansible.builtin.set_fact": {"answer": "{{ ansible_failed_result.msg }}"}}
    included = {"ansible.builtin.include_role": {"name": TASKS, "tasks_from": entry}}
    return [{"ansible.builtin.set_fact": {"answer": ""}}, {"block": [included], "rescue": [refused]}]


def found(**instance) -> dict[str, Any]:
    return {"__database_found": {"resources": {"instances": [instance], "security_groups": [], "subnets": []}}}


def test_the_limit_of_the_storage_is_a_tenth_above_it(play):
    sizes = {"near": (100, 109), "tenth": (100, 110), "none": (100, 100), "far": (100, 1000)}
    cases = {
        case: {"database_storage_gib": size, "database_storage_max_gib": limit} for case, (size, limit) in sizes.items()
    }
    answers = play("database", cases, refusals("validate"))
    assert "database_storage_max_gib (109)" in answers.pop("near")
    assert set(answers.values()) == {""}


def test_sessions_can_be_seen_and_nobody_turns_that_off(play):
    cases = {"off": {"database_static_parameters": {"performance_schema": 0}}, "unset": {}}
    answers = play("database", cases, refusals("validate"))
    assert "performance_schema" in answers["off"]
    assert answers["unset"] == ""
    (at_boot,) = play("database", {"unset": {}}, keep("__database_at_boot")).values()
    assert at_boot["performance_schema"] == 1


def test_storage_that_grew_by_itself_is_not_asked_to_shrink(play):
    cases = {
        "new": {"__database_found": {"resources": {"instances": [], "security_groups": []}}},
        "grown": found(allocated_storage=150),
        "growing": found(allocated_storage=50, pending_modified_values={"allocated_storage": 150}),
        "same": found(allocated_storage=100),
        "small": found(allocated_storage=50),
    }
    answers = play("database", cases, keep("__database_wanted_writer.allocated_storage | default(0)"))
    assert answers == {"new": 100, "grown": 0, "growing": 0, "same": 0, "small": 100}
    (task,) = (item for item in yaml.safe_load((ROLE / "tasks/writer.yml").read_text()) if "rds_instance" in str(item))
    asked = task["amazon.aws.rds_instance"]["allocated_storage"].strip("{} ").replace("omit", "0")
    assert play("database", cases, keep(asked)) == answers


def test_the_regions_are_backed_up_at_different_hours(play):
    cases = {region: {"database_region": region, "database_regions": ["a", "b", "c"]} for region in ("a", "b", "c")}
    answers = play("database", cases, keep("database_backup_window"))
    assert answers == {"a": "01:00-01:30", "b": "04:00-04:30", "c": "07:00-07:30"}


def test_an_instance_that_is_being_created_is_left_alone(play):
    """It has no endpoint yet, and amazon.aws's module needs one of an instance that is there."""
    endpoint = {"address": "main.example", "port": 3306}
    cases = {
        "new": {"__database_found": {"resources": {"instances": [], "security_groups": []}}},
        "creating": found(db_instance_status="creating"),
        "there": found(db_instance_status="modifying", endpoint=endpoint),
    }
    assert play("database", cases, keep("__database_is_settled | bool")) == {
        "new": True,
        "creating": False,
        "there": True,
    }
    (task,) = (item for item in yaml.safe_load((ROLE / "tasks/writer.yml").read_text()) if "rds_instance" in str(item))
    assert "__database_is_settled | bool" in task["when"]


def test_a_fence_by_the_parameter_group_has_the_minutes_that_rds_takes(play):
    cases = {fence: {"database_failover_fence": fence} for fence in ("lock_and_kill", "parameter_group")}
    answers = play("database", cases, keep("database_failover_fence_timeout | int"))
    assert answers == {"lock_and_kill": 30, "parameter_group": 300}
    (task, *_) = yaml.safe_load((ROLE / "tasks/failover.yml").read_text())
    assert "database_failover_fence_timeout" in task["knowledgecity.platform.rds_failover"]["fence_timeout"]


def test_tenants_with_dedicated_instances_fail_over_and_those_that_were_left_are_not_looked_for(play):
    tenants = [
        {"name": "small"},
        {"name": "acme", "isolation": "instance"},
        {"name": "erp", "isolation": "instance", "state": "locked", "instance": {"identifier": "legacy"}},
    ]
    cases = {"none left": {}, "one left": {"__database_own": {"left": {"acme": "It stays."}}}}
    cases = {
        name: case | {"database_tenants": tenants, "platform_initial_primary": "a"} for name, case in cases.items()
    }
    moved = play("database", cases, keep("__database_failover_tenants"))["none left"]
    assert moved == [
        {"name": "acme", "isolation": "instance", "state": "present"},
        {"name": "erp", "isolation": "instance", "state": "locked", "identifiers": {"a": "legacy"}},
    ]
    kept = play("database", cases, keep("__database_kept_tenants | map(attribute='name') | list"))
    assert kept == {"none left": ["small", "acme", "erp"], "one left": ["small", "erp"]}


def test_a_limit_that_rds_would_refuse_by_now_is_not_asked_for(play):
    cases = {"room": found(allocated_storage=909), "none": found(allocated_storage=910)}
    answers = play("database", cases, keep("__database_wanted_replica.max_allocated_storage | default(0)"))
    assert answers == {"room": 1000, "none": 0}


def test_parameters_that_wait_for_a_reboot_are_told(play):
    """GTIDs that were asked for and aren't in force are no GTIDs."""
    cases = {
        status: found(db_parameter_groups=[{"db_parameter_group_name": "kc", "parameter_apply_status": status}])
        for status in ("in-sync", "applying", "pending-reboot", "failed-to-apply")
    }
    answers = play("database", cases | {"none": found()}, keep("__database_is_in_sync"))
    assert answers == {
        "in-sync": True,
        "applying": True,
        "pending-reboot": False,
        "failed-to-apply": False,
        "none": True,
    }


def test_parameters_go_to_the_module_that_knows_what_rds_takes():
    """amazon.aws announces none in check mode, and takes ON for 0."""
    tasks = yaml.safe_load((ROLE / "tasks/groups.yml").read_text()) + yaml.safe_load(
        (ROLE / "tasks/rebuild.yml").read_text()
    )
    assert [task for task in tasks if "rds_instance_param_group" in str(task)] == []
    (group,) = (task for task in tasks if task["name"] == "Create the parameter group")
    asked = group["knowledgecity.platform.rds_parameter_group"]
    assert asked["parameters"] == "{{ __database_at_boot | combine(__database_at_once) }}"
    assert "when" not in group
