# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Volumes of the platform name its key; nobody else's volume gets it by the account's default."""

from __future__ import annotations

import yaml

from lab.settings import CHECKOUT

ROLES = CHECKOUT / "roles"
KEY = "arn:aws:kms:me-west-1:000000000000:key/ours"


def test_the_account_is_left_as_it_is_unless_asked():
    assert yaml.safe_load((ROLES / "security/defaults/main.yml").read_text())["security_account_baseline"] is False


def test_no_role_makes_a_key_of_ours_the_accounts_default():
    found = [
        task["knowledgecity.platform.account_baseline"]["ebs_key"]
        for file in sorted(ROLES.glob("*/tasks/*.yml"))
        for task in yaml.safe_load(file.read_text()) or []
        if "ebs_key" in task.get("knowledgecity.platform.account_baseline", {})
    ]
    assert found == ["alias/aws/ebs"], "a destruction takes back what an earlier version set"


def test_a_destruction_changes_the_default_key_only_where_it_is_ours(play):
    def held(default: str, key: str | None) -> dict:
        resources = {"default_key": [{"kms_key_id": default}], "volume_key": [{"arn": key}] if key else []}
        return {"__security_ebs": {"resources": resources}}

    cases = {
        "ours": held(KEY, KEY),
        "theirs": held("arn:aws:kms:me-west-1:000000000000:key/theirs", KEY),
        "aws": held("alias/aws/ebs", KEY),
        "gone": held("alias/aws/ebs", None),
    }
    tasks = [{"ansible.builtin.set_fact": {"answer": "{{ __security_default_key_is_ours | bool }}"}}]
    assert play("security", cases, tasks) == {"ours": True, "theirs": False, "aws": False, "gone": False}


def test_a_launch_template_names_the_key_of_its_volume(play):
    settings = {"image": "ami", "type": "t3", "profile_arn": "arn", "security_groups": [], "key": KEY}
    case = {f"instances_{name}": value for name, value in settings.items()} | {"__instances_user_data": "x"}
    tasks = [{"ansible.builtin.set_fact": {"answer": "{{ __instances_template.block_device_mappings[0].ebs }}"}}]
    (volume,) = play("instances", {"one": case}, tasks).values()
    assert (volume["encrypted"], volume["kms_key_id"]) == (True, KEY)
    for role in ("media", "runner"):
        (task,) = [
            item
            for item in yaml.safe_load((ROLES / role / "tasks/launch_template.yml").read_text())
            if item.get("ansible.builtin.include_role", {}).get("tasks_from") == "launch_template"
        ]
        assert task["vars"]["instances_key"] == f"{{{{ {role}_volume_key }}}}"
        case = {"one": {"aws_region": "me-west-1"}}
        keys = play(role, case, [{"ansible.builtin.set_fact": {"answer": f"{{{{ {role}_volume_key }}}}"}}])
        assert keys == {"one": "arn:aws:kms:me-west-1:000000000000:alias/kc-test-me-west-1-data"}
