# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""playbooks/parts/find_instances.yml: which instances a run finds, and that a silent region costs no more than the time-out."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab.settings import CHECKOUT
from tests.support import playbooks
from tests.support.machines import IMAGE, root_key
from tests.support.module_runs import run_steps

REGIONS = ("me-west-1", "eu-central-1")
TIMEOUT = 5
MODULE = "knowledgecity.platform.region_instances_info"


@pytest.fixture
def platform() -> str:
    return f"t{uuid.uuid4().hex[:8]}"


@pytest.fixture
def instances(lab, platform) -> Iterator[dict[str, str]]:
    """By name: a runner in each region, a media server in one, and what isn't to be found."""
    wanted = {
        "runner here": ("me-west-1", {"tier": "runner"}),
        "runner there": ("eu-central-1", {"tier": "runner"}),
        "media": ("me-west-1", {"tier": "media"}),
        "another tier": ("me-west-1", {"tier": "api"}),
        "another environment": ("me-west-1", {"tier": "runner", "environment": "other"}),
        "not ours": ("me-west-1", {"tier": "runner", "managed-by": "somebody"}),
    }
    common = {"platform": platform, "environment": "test", "managed-by": "knowledgecity.platform"}
    launched: dict[str, str] = {}
    for name, (region, tags) in wanted.items():
        specification = [{"Key": key, "Value": value} for key, value in (common | tags).items()]
        found = lab("ec2", region, key=root_key()).run_instances(
            ImageId=IMAGE,
            MinCount=1,
            MaxCount=1,
            TagSpecifications=[{"ResourceType": "instance", "Tags": specification}],
        )
        launched[name] = found["Instances"][0]["InstanceId"]
    yield launched
    for name, (region, _tags) in wanted.items():
        lab("ec2", region, key=root_key()).terminate_instances(InstanceIds=[launched[name]])


@pytest.fixture
def played(lab, tmp_path, platform):
    """Run the playbook, and return the groups and the hosts' variables as the next play sees them."""
    inventory = tmp_path / "hosts.yml"
    common = {
        "ansible_connection": "local",
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        "platform_name": platform,
        "platform_environment": "test",
        "platform_endpoints": "{{ lookup('ansible.builtin.env', 'LAB_ENDPOINTS') | from_json }}",
        "runner_find_timeout": TIMEOUT,
    }
    hosts = {region: {"aws_region": region} for region in REGIONS}
    inventory.write_text(yaml.safe_dump({"regions": {"hosts": hosts, "vars": common}}))
    seen = tmp_path / "seen.yml"
    playbook = tmp_path / "play.yml"
    names = [
        "ansible_connection",
        "ansible_host",
        "ansible_aws_ssm_region",
        "ansible_aws_ssm_bucket_name",
        "ansible_python_interpreter",
        "platform_endpoints",
        "aws_region",
    ]
    content = (
        "{{ {'groups': groups, 'hosts': dict(groups.all | zip(groups.all | map('extract', hostvars) | map('dict2items')"
        f" | map('selectattr', 'key', 'in', {names}) | map('items2dict')))}} | to_yaml }}}}"
    )
    keep = {
        "name": "Keep what is seen",
        "hosts": "regions",
        "gather_facts": False,
        "tasks": [
            {
                "name": "Keep it",
                "ansible.builtin.copy": {"content": content, "dest": str(seen), "mode": "0600"},
                "run_once": True,
            }
        ],
    }
    find = {
        "name": "Find the instances",
        "ansible.builtin.import_playbook": str(CHECKOUT / "playbooks" / "parts" / "find_instances.yml"),
    }
    playbook.write_text(yaml.safe_dump([find, keep], sort_keys=False))

    def play(*arguments: str) -> tuple[dict[str, Any], playbooks.Ran]:
        ran = playbooks.run(lab, *arguments, playbook=str(playbook), inventory=inventory, administrator=True)
        ran.succeeded()
        return yaml.safe_load(seen.read_text()), ran

    return play


def test_instances_are_hosts_by_their_tags(played, instances, platform):
    found, ran = played()
    assert sum(ran.changed.values()) == 1, "the test's own file"
    groups = {name: hosts for name, hosts in found["groups"].items() if name.startswith(("runner_", "media_"))}
    assert groups == {
        "runner_me_west_1": [instances["runner here"]],
        "runner_eu_central_1": [instances["runner there"]],
        "media_me_west_1": [instances["media"]],
    }
    assert found["hosts"][instances["runner there"]] == {
        "ansible_connection": "amazon.aws.aws_ssm",
        "ansible_host": instances["runner there"],
        "ansible_aws_ssm_region": "eu-central-1",
        "ansible_aws_ssm_bucket_name": f"{platform}-test-eu-central-1-storage-transfer",
        "ansible_python_interpreter": "/opt/knowledgecity/runner/current/bin/python",
        "platform_endpoints": {},
        "aws_region": "eu-central-1",
    }
    assert found["hosts"][instances["media"]]["ansible_python_interpreter"] == "/usr/bin/python3"


def test_limited_to_one_region_the_others_instances_are_known_too(played, instances):
    found, _ = played("--limit", "eu-central-1", "-e", "runner_connection=community.docker.docker")
    assert found["groups"]["runner_me_west_1"] == [instances["runner here"]]
    assert found["hosts"][instances["runner here"]]["ansible_connection"] == "community.docker.docker"


@pytest.mark.parametrize("mode", ["silent", "refuse"])
def test_a_lost_region_costs_the_time_out_and_hides_no_other(lab, played, instances, mode):
    _, usual = played("--limit", "eu-central-1")
    lab.stack.control("me-west-1", mode)
    try:
        found, ran = played("--limit", "eu-central-1")
    finally:
        lab.stack.control("me-west-1", "open")
    assert found["groups"]["runner_eu_central_1"] == [instances["runner there"]]
    assert "runner_me_west_1" not in found["groups"]
    said = " ".join(ran.output.split())
    assert f"The instances of me-west-1 could not be listed within {TIMEOUT} s" in said
    # AWS's own time-outs and retries would take 195 s.
    assert ran.seconds < 2 * usual.seconds + 3 * TIMEOUT


def test_a_refusal_is_an_error(lab, tmp_path):
    """Whose credentials may not ask would otherwise be told that nothing runs."""
    iam = lab("iam", "us-east-1", key=root_key())
    name = f"may-nothing-{uuid.uuid4().hex[:8]}"
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    options = {
        "regions": ["me-west-1"],
        "access_key": key["AccessKeyId"],
        "secret_key": key["SecretAccessKey"],
    }
    started = time.monotonic()
    (result,), _ = run_steps(lab, Path(tmp_path), MODULE, [options])
    assert result["failed"]
    assert result["msg"].startswith("Could not list the instances of me-west-1: DescribeInstances answered")
    assert time.monotonic() - started < 60
