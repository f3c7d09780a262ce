# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import copy

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.knowledgecity.platform.plugins.filter.autoscaling_plan import autoscaling_plan

WANTED = {
    "min_size": 1,
    "max_size": 2,
    "desired_capacity": 1,
    "health_check_type": "EC2",
    "subnets": ["subnet-b", "subnet-a"],
    "template_version": 2,
    "tags": {"tier": "runner"},
}
FOUND = {
    "auto_scaling_group_name": "runner",
    "min_size": 1,
    "max_size": 2,
    "desired_capacity": 1,
    "health_check_type": "EC2",
    "vpc_zone_identifier": "subnet-a,subnet-b",
    "launch_template": {"launch_template_name": "runner", "version": "2"},
    "tags": [{"key": "tier", "value": "runner", "propagate_at_launch": True}],
    "instances": [{"instance_id": "i-1", "lifecycle_state": "InService", "launch_template": {"version": "2"}}],
}


def found(**differences) -> list[dict]:
    return [copy.deepcopy(FOUND) | differences]


def test_no_group_is_created():
    assert autoscaling_plan(WANTED, []) == {"create": True, "differences": {}, "outdated_instances": []}


def test_what_is_wanted_differs_in_nothing():
    assert autoscaling_plan(WANTED, found()) == {"create": False, "differences": {}, "outdated_instances": []}


@pytest.mark.parametrize(
    ("name", "read", "before"),
    [
        ("min_size", {"min_size": 0}, 0),
        ("desired_capacity", {"desired_capacity": 0}, 0),
        ("health_check_type", {"health_check_type": "ELB"}, "ELB"),
        ("subnets", {"vpc_zone_identifier": "subnet-a"}, ["subnet-a"]),
        ("template_version", {"launch_template": {"version": "1"}}, "1"),
        ("tags", {"tags": []}, {}),
    ],
)
def test_each_difference_is_named_with_both_sides(name, read, before):
    plan = autoscaling_plan(WANTED, found(**read))
    assert list(plan["differences"]) == [name]
    assert plan["differences"][name]["before"] == before


def test_an_instance_of_another_version_is_outdated_unless_it_is_leaving():
    instances = [
        {"instance_id": "i-old", "lifecycle_state": "InService", "launch_template": {"version": "1"}},
        {"instance_id": "i-leaving", "lifecycle_state": "Terminating:Wait", "launch_template": {"version": "1"}},
        {"instance_id": "i-by-hand", "lifecycle_state": "InService"},
    ]
    assert autoscaling_plan(WANTED, found(instances=instances))["outdated_instances"] == ["i-old", "i-by-hand"]


def test_two_groups_are_refused():
    with pytest.raises(AnsibleFilterError, match="one group or none"):
        autoscaling_plan(WANTED, [FOUND, FOUND])
