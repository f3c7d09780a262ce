# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import copy
from pathlib import Path

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.knowledgecity.platform.plugins.filter.network_layout import network_layout
from ansible_collections.knowledgecity.platform.plugins.plugin_utils.network.rules import NACL_ENTRIES, network_rules

CHECKOUT = Path(__file__).resolve().parents[4]
OWN, PEER = "10.10.0.0/16", "10.20.0.0/16"


@pytest.fixture
def matrix():
    return yaml.safe_load((CHECKOUT / "roles/network/files/flow_matrix.yml").read_text())


def _rules(matrix, peers=True):
    peer = [{"cidr": PEER, "classes": network_layout(PEER)["classes"]}] if peers else []
    return network_rules(matrix, OWN, network_layout(OWN)["classes"], peer)


def _who(rules, tier, direction):
    return {(rule["kind"], rule["target"], rule["from_port"]) for rule in rules["security_groups"][tier][direction]}


def test_groups_name_groups(matrix):
    rules = _rules(matrix, peers=False)
    assert _who(rules, "database", "ingress") == {("group", tier, 3306) for tier in ("api", "reporting", "runner")}
    assert ("group", "database", 3306) in _who(rules, "api", "egress")
    assert _who(rules, "database", "egress") == set()
    assert _who(rules, "alb", "ingress") == {("cidr", "0.0.0.0/0", 80), ("cidr", "0.0.0.0/0", 443)}
    assert ("prefix_list", "s3", 443) in _who(rules, "clickhouse", "egress")


def test_addresses_stand_for_the_other_regions_groups(matrix):
    rules = _rules(matrix)
    assert ("cidr", "10.20.80.0/20", 3306) in _who(rules, "database", "ingress")
    assert ("cidr", "10.20.0.0/18", 3306) in _who(rules, "database", "ingress")
    assert ("cidr", "10.20.80.0/20", 3306) in _who(rules, "runner", "egress")
    everyone = [
        rule["target"]
        for directions in rules["security_groups"].values()
        for found in directions.values()
        for rule in found
        if rule["kind"] == "cidr"
    ]
    assert {cidr for cidr in everyone if cidr != "0.0.0.0/0"} == {"10.20.0.0/18", "10.20.80.0/20"}


def test_rules_come_in_pairs(matrix):
    """What a tier may send to another, that one takes, and the other way round."""
    groups = _rules(matrix, peers=False)["security_groups"]
    sent = {
        (tier, rule["target"], rule["protocol"], rule["from_port"], rule["to_port"])
        for tier, directions in groups.items()
        for rule in directions["egress"]
        if rule["kind"] == "group"
    }
    taken = {
        (rule["target"], tier, rule["protocol"], rule["from_port"], rule["to_port"])
        for tier, directions in groups.items()
        for rule in directions["ingress"]
        if rule["kind"] == "group"
    }
    assert sent == taken


def _allows(entries, cidr, port):
    return any(
        entry[2] == "allow" and entry[3] == cidr and (entry[6] is None or entry[6] <= port <= entry[7])
        for entry in entries
    )


def test_network_acls_know_answers(matrix):
    acls = _rules(matrix, peers=False)["network_acls"]
    assert _allows(acls["data"]["ingress"], "10.10.0.0/18", 3306)
    assert _allows(acls["data"]["egress"], "10.10.0.0/18", 1024)
    assert _allows(acls["private"]["egress"], "10.10.80.0/20", 3306)
    assert _allows(acls["private"]["ingress"], "10.10.80.0/20", 65535)
    assert _allows(acls["public"]["ingress"], "10.10.0.0/18", 443), "the way to the NAT gateway"


def test_the_internet_is_allowed_after_the_platform_is_denied(matrix):
    for name, directions in _rules(matrix)["network_acls"].items():
        for direction, entries in directions.items():
            numbers = [entry[0] for entry in entries]
            assert numbers == sorted(set(numbers))
            assert len(entries) <= NACL_ENTRIES
            anywhere = [entry[0] for entry in entries if entry[3] == "0.0.0.0/0"]
            denied = {entry[3]: entry[0] for entry in entries if entry[2] == "deny"}
            if anywhere:
                assert denied.keys() == {OWN, PEER}, f"{name} {direction}"
                assert max(denied.values()) < min(anywhere)


def test_the_public_subnets_reach_no_data_subnet(matrix):
    acls = _rules(matrix)["network_acls"]
    assert not any(entry[3] == "10.10.64.0/20" for entry in acls["data"]["ingress"] + acls["data"]["egress"])


def test_without_peering_nothing_names_the_other_region(matrix):
    assert "10.20." not in str(_rules(matrix, peers=False))


def test_a_flow_less_is_a_rule_less(matrix):
    fewer = copy.deepcopy(matrix)
    fewer["flows"] = [flow for flow in fewer["flows"] if 80 not in flow["ports"]]
    assert _who(_rules(fewer), "alb", "ingress") == set()


def test_port_ranges_and_protocols(matrix):
    matrix["flows"].append(
        {"from": ["runner"], "to": ["media"], "ports": ["9000-9010"], "protocol": "udp", "why": "Test"}
    )
    rules = _rules(matrix, peers=False)
    (rule,) = [rule for rule in rules["security_groups"]["media"]["ingress"] if rule["protocol"] == "udp"]
    assert (rule["from_port"], rule["to_port"], rule["target"]) == (9000, 9010, "runner")


@pytest.mark.parametrize(
    ("flow", "words"),
    [
        ({"from": ["nobody"], "to": ["api"], "ports": [1]}, "nobody"),
        ({"from": ["internet"], "to": ["s3"], "ports": [443]}, "begins nowhere"),
        ({"from": ["s3"], "to": ["api"], "ports": [443]}, "begins nowhere"),
        ({"from": ["internet"], "to": ["database"], "ports": [3306]}, "no such route"),
        ({"from": ["database"], "to": ["internet"], "ports": [443]}, "no such route"),
        ({"from": ["internet"], "to": ["api"], "ports": [443]}, "no such route"),
        ({"from": ["api"], "to": ["internet"], "ports": [443], "peering": True}, "both must be tiers"),
        ({"from": ["api"], "to": ["media"], "ports": ["http"]}, "no port"),
        ({"from": ["api"], "to": ["media"], "ports": [70000]}, "no port"),
        ({"from": ["api"], "to": ["media"], "ports": ["90-80"]}, "no port"),
    ],
)
def test_a_flow_that_cannot_be_is_refused(matrix, flow, words):
    matrix["flows"].append(flow)
    with pytest.raises(AnsibleFilterError, match=words):
        _rules(matrix)


def test_too_many_entries_are_refused(matrix):
    for port in range(100, 400, 10):
        matrix["flows"].append({"from": ["internet"], "to": ["alb"], "ports": [port]})
    with pytest.raises(AnsibleFilterError, match="network ACL entries"):
        _rules(matrix)


def test_a_tier_of_an_unknown_class_is_refused(matrix):
    matrix["tiers"]["api"]["class"] = "cellar"
    with pytest.raises(AnsibleFilterError, match="cellar"):
        _rules(matrix)
