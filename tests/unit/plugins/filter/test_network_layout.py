# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import ipaddress
import itertools

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.knowledgecity.platform.plugins.filter.network_layout import network_layout

ZONES = ["me-west-1a", "me-west-1b", "me-west-1c"]


def _prefixes(layout):
    return {subnet["class"]: ipaddress.IPv4Network(subnet["cidr"]).prefixlen for subnet in layout["subnets"]}


def test_a_16_has_the_sizes_of_the_design():
    layout = network_layout("10.10.0.0/16", ZONES)
    assert _prefixes(layout) == {"public": 22, "private": 20, "data": 22}
    assert layout["classes"] == {"public": "10.10.64.0/20", "private": "10.10.0.0/18", "data": "10.10.80.0/20"}
    assert [subnet["cidr"] for subnet in layout["subnets"] if subnet["class"] == "data"] == [
        "10.10.80.0/22",
        "10.10.84.0/22",
        "10.10.88.0/22",
    ]


@pytest.mark.parametrize("cidr", ["10.10.0.0/16", "10.10.128.0/17", "172.16.64.0/18", "192.168.0.0/19", "10.0.16.0/20"])
@pytest.mark.parametrize("zones", [ZONES[:1], ZONES[:2], ZONES, [*ZONES, "me-west-1d"]])
def test_subnets_lie_in_their_class_and_overlap_nowhere(cidr, zones):
    layout = network_layout(cidr, zones)
    vpc = ipaddress.IPv4Network(cidr)
    classes = {name: ipaddress.IPv4Network(block) for name, block in layout["classes"].items()}
    assert len(layout["subnets"]) == 3 * len(zones)
    for one, other in itertools.combinations(classes.values(), 2):
        assert not one.overlaps(other)
    subnets = [(subnet["class"], ipaddress.IPv4Network(subnet["cidr"])) for subnet in layout["subnets"]]
    for name, subnet in subnets:
        assert subnet.subnet_of(classes[name])
        assert subnet.subnet_of(vpc)
        assert subnet.prefixlen <= 28
    for (_name, one), (_other_name, other) in itertools.combinations(subnets, 2):
        assert not one.overlaps(other)


def test_a_zone_more_moves_no_subnet():
    assert network_layout("10.10.0.0/16", ZONES)["subnets"] == [
        subnet
        for subnet in network_layout("10.10.0.0/16", [*ZONES, "me-west-1d"])["subnets"]
        if subnet["zone"] in ZONES
    ]


@pytest.mark.parametrize(
    ("cidr", "zones", "words"),
    [
        ("10.10.0.0/15", ZONES, "/15"),
        ("10.10.0.0/21", ZONES, "/21"),
        ("10.10.0.1/16", ZONES, "host bits"),
        ("ten", ZONES, "no IPv4 address range"),
        (None, ZONES, "no IPv4 address range"),
        ("10.10.0.0/16", [*ZONES, "d", "e"], "room for 4 zones"),
    ],
)
def test_what_cannot_be_divided_is_refused(cidr, zones, words):
    with pytest.raises(AnsibleFilterError, match=words):
        network_layout(cidr, zones)
