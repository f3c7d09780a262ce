# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A run that is killed after ReplicateKey and before CreateAlias leaves something that the next run completes."""

from __future__ import annotations

import time
import uuid

import pytest
from botocore.exceptions import ClientError

from tests.support.kills import kill_tree
from tests.support.playbooks import run, start

PLAY = """
- name: Replicate a key
  hosts: localhost
  connection: local
  gather_facts: false
  vars:
    ansible_python_interpreter: "{{ ansible_playbook_python }}"
    endpoints: "{{ lookup('ansible.builtin.env', 'LAB_ENDPOINTS') | from_json }}"
  environment: "{{ 'me-west-1' | knowledgecity.platform.aws_environment(endpoints) }}"
  tasks:
    - name: Replicate it
      knowledgecity.platform.kms_replica_key:
        region_endpoints: "{{ endpoints }}"
        keys:
          - primary: alias/NAME
            replica_region: eu-central-1
            alias: alias/NAME
            tags: {a: b}
"""


def _answers(call, **arguments) -> bool:
    try:
        call(**arguments)
    except ClientError:
        return False
    return True


@pytest.mark.parametrize("kill", [1, 2])
def test_a_killed_run_is_completed_by_the_next_one(lab, tmp_path, kill):
    name = f"cut-off-{uuid.uuid4().hex[:8]}"
    primary, replica = lab("kms"), lab("kms", "eu-central-1")
    key_id = primary.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    primary.create_alias(AliasName=f"alias/{name}", TargetKeyId=key_id)
    play = tmp_path / "play.yml"
    play.write_text(PLAY.replace("NAME", name))

    process = start(lab, playbook=str(play), inventory="localhost,", administrator=True)
    deadline = time.monotonic() + 120
    while not _answers(replica.describe_key, KeyId=key_id):
        assert process.poll() is None, process.stdout.read()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    kill_tree(process)
    process.communicate(timeout=30)

    assert not _answers(replica.describe_key, KeyId=f"alias/{name}"), "killed too late to show anything"
    done = run(lab, playbook=str(play), inventory="localhost,", administrator=True).succeeded()
    assert done.changed == {"localhost": 1}
    assert replica.describe_key(KeyId=f"alias/{name}")["KeyMetadata"]["KeyId"] == key_id
    assert replica.list_resource_tags(KeyId=key_id)["Tags"] == [{"TagKey": "a", "TagValue": "b"}]
    assert run(lab, playbook=str(play), inventory="localhost,", administrator=True).succeeded().changed == {
        "localhost": 0
    }
