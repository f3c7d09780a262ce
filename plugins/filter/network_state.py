# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The filter `network_state`; network_state.yml documents it."""

from __future__ import annotations

import typing as t

Item = dict[str, t.Any]

# AWS's own rule at the end of every list, which can't be changed.
_LAST_RULE = 32767
_PROTOCOLS = {"-1": "all", "1": "icmp", "6": "tcp", "17": "udp"}
_WITH_PORTS = ("1", "6", "17", "58")


def network_state(resources: dict[str, list[Item]]) -> dict[str, list[Item]]:
    """Return what was read of a network in the form that network_plan compares."""
    kinds = (
        "internet_gateways",
        "addresses",
        "subnets",
        "nat_gateways",
        "route_tables",
        "security_groups",
        "endpoints",
    )
    return {
        "vpcs": [_vpc(item) for item in resources["vpcs"]],
        "network_acls": [_network_acl(item) for item in resources["network_acls"]],
        **{kind: resources[kind] for kind in kinds},
    }


def _vpc(found: Item) -> Item:
    names = ("enable_dns_support", "enable_dns_hostnames")
    return found | {name: (found.get(name) or {}).get("value") for name in names}


def _network_acl(found: Item) -> Item:
    """Return a network ACL with its rules as M(amazon.aws.ec2_vpc_nacl) takes them."""
    entries = [entry for entry in found.get("entries", []) if entry["rule_number"] < _LAST_RULE]
    return {
        "nacl_id": found["network_acl_id"],
        "tags": found.get("tags", {}),
        "subnets": [association["subnet_id"] for association in found.get("associations", [])],
        "ingress": [_rule(entry) for entry in entries if not entry["egress"]],
        "egress": [_rule(entry) for entry in entries if entry["egress"]],
    }


def _rule(entry: Item) -> list[t.Any]:
    protocol = entry["protocol"]
    ports = entry.get("port_range") or {}
    first, last = (ports.get("from"), ports.get("to")) if protocol in _WITH_PORTS else (0, 65535)
    icmp = entry.get("icmp_type_code") or {}
    cidr = entry.get("cidr_block") or entry.get("ipv6_cidr_block")
    name = _PROTOCOLS.get(protocol, protocol)
    return [entry["rule_number"], name, entry["rule_action"], cidr, icmp.get("type"), icmp.get("code"), first, last]


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable]:
        return {"network_state": network_state}
