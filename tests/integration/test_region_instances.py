# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The inventory plugin region_instances: what it finds, and that a silent region holds it up no longer than its time-out."""

from __future__ import annotations

import json
import subprocess
import time
import uuid

import pytest
import yaml

from lab.settings import CHECKOUT
from tests.support.machines import IMAGE, root_key

TIMEOUT = 3


@pytest.fixture
def purpose() -> str:
    return f"t{uuid.uuid4().hex[:8]}"


def _plain(values: dict):
    """What AWS says is no template, which Ansible writes as a dictionary of its own."""
    return values.get("__ansible_unsafe", values)


def listed(lab, directory, **options) -> tuple[dict, str, float]:
    """The inventory of one file, what was said of it, and the seconds it took."""
    settings = {
        "plugin": "knowledgecity.platform.region_instances",
        "endpoint_url": "{{ (lookup('ansible.builtin.env', 'LAB_ENDPOINTS') | from_json)['me-west-1'] }}",
        "region": "me-west-1",
        "timeout": TIMEOUT,
    }
    file = directory / "me-west-1.region_instances.yml"
    file.write_text(yaml.safe_dump(settings | options))
    started = time.monotonic()
    ran = subprocess.run(
        ["ansible-inventory", "-i", str(file), "--list"],
        cwd=CHECKOUT,
        env=lab.environment(administrator=True) | {"ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg")},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(ran.stdout, object_hook=_plain), " ".join(ran.stderr.split()), time.monotonic() - started


def test_instances_become_hosts_with_tags_groups_and_composed_variables(lab, tmp_path, purpose):
    ec2 = lab("ec2", key=root_key())
    tags = [
        {"ResourceType": "instance", "Tags": [{"Key": "tier", "Value": purpose}, {"Key": "CamelCase", "Value": "kept"}]}
    ]
    launched = ec2.run_instances(ImageId=IMAGE, MinCount=2, MaxCount=2, TagSpecifications=tags)["Instances"]
    ids = sorted(instance["InstanceId"] for instance in launched)
    try:
        found, _, _ = listed(
            lab,
            tmp_path,
            filters={"tag:tier": purpose},
            keyed_groups=[{"key": "placement.region", "prefix": "media"}],
            groups={"of_this_test": f"instance_tags.tier == '{purpose}'"},
            compose={"ansible_host": "instance_id"},
        )
        none, _, _ = listed(lab, tmp_path, filters={"tag:tier": [purpose], "tag:CamelCase": "other"})
    finally:
        ec2.terminate_instances(InstanceIds=ids)
    assert sorted(found["media_me_west_1"]["hosts"]) == ids
    assert sorted(found["of_this_test"]["hosts"]) == ids
    variables = found["_meta"]["hostvars"][ids[0]]
    assert variables["ansible_host"] == ids[0]
    assert variables["instance_tags"]["CamelCase"] == "kept"
    assert none["_meta"]["hostvars"] == {}


@pytest.mark.parametrize("mode", ["silent", "refuse"])
def test_a_lost_region_is_a_warning_within_the_time_out(lab, tmp_path, mode):
    _, _, usual = listed(lab, tmp_path)
    lab.stack.control("me-west-1", mode)
    time.sleep(0.5)  # the front reads its control file ten times a second
    try:
        found, said, seconds = listed(lab, tmp_path)
    finally:
        lab.stack.control("me-west-1", "open")
    assert found["_meta"]["hostvars"] == {}
    assert f"Could not list the instances of me-west-1 within {TIMEOUT} s" in said
    assert seconds < usual + 2 * TIMEOUT + 1
