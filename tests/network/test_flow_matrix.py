# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""What the role built in both regions does what its flow matrix says, and nothing else: judged by the read-back state."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
import yaml

from tests.network.flow_judge import Judge
from tests.network.read_network import read_network
from tests.support.playbooks import run

CHECKOUT = Path(__file__).resolve().parents[2]
REGIONS = ("me-west-1", "eu-central-1")
NAMES = {region: f"flows-test-{region}-network" for region in REGIONS}

PLAY = """
- name: Build the network of each region
  hosts: regions
  gather_facts: false
  environment: "{{ aws_region | knowledgecity.platform.aws_environment(platform_endpoints) }}"
  module_defaults:
    group/knowledgecity.platform.aws:
      region_endpoints: "{{ platform_endpoints }}"
  vars:
    platform_name: flows
    platform_environment: test
    network_flow_logs: false
    # The flows to the endpoints are judged by their subnets and their security group, which are there without them.
    network_interface_endpoints: []
  tasks:
    - name: Build the network
      ansible.builtin.include_role:
        name: knowledgecity.platform.network

    - name: Peer the networks
      ansible.builtin.include_role:
        name: knowledgecity.platform.network
        tasks_from: links
"""


@pytest.fixture(scope="module")
def matrix():
    return yaml.safe_load((CHECKOUT / "roles/network/files/flow_matrix.yml").read_text())


@pytest.fixture(scope="module")
def build(lab, tmp_path_factory):
    play = tmp_path_factory.mktemp("network") / "play.yml"
    play.write_text(PLAY)
    return lambda *arguments: run(lab, *arguments, playbook=str(play), administrator=True).succeeded()


def _read(lab):
    return {region: read_network(lab("ec2", region), NAMES[region]) for region in REGIONS}


@pytest.fixture(scope="module")
def states(lab, build):
    build()
    return _read(lab)


def test_every_flow_of_the_matrix_passes_and_every_other_is_refused(states, matrix):
    judge = Judge(states, NAMES, matrix)
    problems = judge.problems()
    assert problems == [], "\n".join(problems)
    assert judge.judged > 100_000


def test_security_groups_refer_to_each_other(states, matrix):
    """Addresses stand only where AWS knows no group: the internet, and the other region's subnets."""
    for region, other in (REGIONS, REGIONS[::-1]):
        own, peer = states[region]["Vpc"]["CidrBlock"], states[other]["Vpc"]["CidrBlock"]
        for group in states[region]["SecurityGroups"]:
            for rule in [*group["IpPermissions"], *group["IpPermissionsEgress"]]:
                for item in rule.get("IpRanges", []):
                    assert not item["CidrIp"].startswith(own.rpartition(".0.0")[0]), (
                        f"{group['GroupName']} names {item}"
                    )
                    assert item["CidrIp"] == "0.0.0.0/0" or item["CidrIp"].startswith(peer.rpartition(".0.0")[0])
        default = [group for group in states[region]["SecurityGroups"] if group["GroupName"] == "default"]
        assert default[0]["IpPermissions"] == default[0]["IpPermissionsEgress"] == []


def test_one_rule_less_is_reported(states, matrix):
    changed = copy.deepcopy(states)
    name = NAMES["me-west-1"]
    groups = {group["GroupName"]: group for group in changed["me-west-1"]["SecurityGroups"]}
    api = groups[f"{name}-api"]["GroupId"]
    for rule in groups[f"{name}-database"]["IpPermissions"]:
        rule["UserIdGroupPairs"] = [pair for pair in rule["UserIdGroupPairs"] if pair["GroupId"] != api]
    problems = Judge(changed, NAMES, matrix).problems()
    assert any(problem.startswith("blocked: me-west-1 api -> database tcp/3306") for problem in problems)


def test_one_allowance_more_is_reported(states, matrix):
    changed = copy.deepcopy(states)
    everything = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    for group in changed["eu-central-1"]["SecurityGroups"]:
        if group["GroupName"].endswith(("-database", "-api")):
            group["IpPermissions"].append(everything)
            group["IpPermissionsEgress"].append(everything)
    problems = Judge(changed, NAMES, matrix).problems()
    assert any(problem.startswith("too open: eu-central-1 api -> database tcp/") for problem in problems)


def test_what_was_changed_by_hand_is_set_right(lab, build, states, matrix):
    """Four doors opened and one closed behind the role's back: check mode names them, the next run undoes them."""
    ec2, state = lab("ec2", "me-west-1"), states["me-west-1"]
    name = NAMES["me-west-1"]
    group = next(item for item in state["SecurityGroups"] if item["GroupName"] == f"{name}-database")
    acl = next(item for item in state["NetworkAcls"] if {"Key": "Name", "Value": f"{name}-data"} in item["Tags"])
    table = next(item for item in state["RouteTables"] if {"Key": "Name", "Value": f"{name}-data"} in item["Tags"])
    everything = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2.authorize_security_group_ingress(GroupId=group["GroupId"], IpPermissions=[everything])
    ec2.revoke_security_group_ingress(GroupId=group["GroupId"], IpPermissions=group["IpPermissions"][:1])
    entry = {"NetworkAclId": acl["NetworkAclId"], "Protocol": "-1", "CidrBlock": "0.0.0.0/0", "RuleAction": "allow"}
    ec2.create_network_acl_entry(RuleNumber=1, Egress=False, **entry)
    ec2.create_route(
        RouteTableId=table["RouteTableId"],
        DestinationCidrBlock="0.0.0.0/0",
        NatGatewayId=state["NatGateways"][0]["NatGatewayId"],
    )
    ec2.modify_subnet_attribute(SubnetId=state["Subnets"][0]["SubnetId"], MapPublicIpOnLaunch={"Value": True})
    assert Judge(_read(lab), NAMES, matrix).problems()
    announced = build("--check", "--limit", "me-west-1").output
    for words in (
        f"update security group {name}-database (ingress)",
        f"update network acl {name}-data (ingress)",
        f"update route table {name}-data (routes)",
        "(public addresses)",
    ):
        assert words in announced
    build("--limit", "me-west-1")
    assert Judge(_read(lab), NAMES, matrix).problems() == []
    subnets = ec2.describe_subnets(SubnetIds=[state["Subnets"][0]["SubnetId"]])["Subnets"]
    assert not subnets[0]["MapPublicIpOnLaunch"]
    assert build("--limit", "me-west-1").changed == {"me-west-1": 0}
