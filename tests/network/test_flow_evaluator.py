# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The evaluator on networks made by hand: it calls a right one right, and notices each single thing that is wrong."""

from __future__ import annotations

import pytest

from tests.network.flow_judge import Judge
from tests.network.hand_made import ANYWHERE, MATRIX, NAMES, both


def _problems(states):
    return Judge(states, NAMES, MATRIX).problems()


def _only(items, key, value):
    (found,) = [item for item in items if item[key] == value]
    return found


def _group(states, tier, region="west"):
    return _only(states[region]["SecurityGroups"], "GroupName", f"net-{region}-{tier}")


def _acl(states, name, region="west"):
    return _only(states[region]["NetworkAcls"], "NetworkAclId", f"acl-{region}-{name}")


def _table(states, name, region="west"):
    return _only(states[region]["RouteTables"], "RouteTableId", f"rtb-{region}-{name}")


def test_a_right_network_is_called_right():
    judge = Judge(both(), NAMES, MATRIX)
    assert judge.problems() == []
    assert judge.judged > 1000


def test_every_rule_of_a_security_group_is_needed():
    """Whichever rule is taken out, the flow that needs it is reported as blocked, and nothing as too open."""
    for tier in MATRIX["tiers"]:
        for field in ("IpPermissions", "IpPermissionsEgress"):
            for position, rule in enumerate(_group(both(), tier)[field]):
                if "PrefixListIds" in rule:
                    continue  # the API may reach S3 as part of the internet as well
                states = both()
                del _group(states, tier)[field][position]
                problems = _problems(states)
                assert problems, f"{tier} {field} {rule}"
                assert all(problem.startswith("blocked:") for problem in problems)
                assert any(tier in problem for problem in problems)


def test_every_entry_of_a_network_acl_is_needed():
    for name in ("public", "private", "data"):
        for position, entry in enumerate(_acl(both(), name)["Entries"]):
            if entry["RuleAction"] == "deny":
                continue
            states = both()
            del _acl(states, name)["Entries"][position]
            problems = _problems(states)
            assert problems, f"{name} {entry}"
            assert all("network ACL" in problem for problem in problems)


def test_every_route_is_needed():
    for name in ("public", "private", "data"):
        for position, route in enumerate(_table(both(), name)["Routes"]):
            unused = (
                ("DestinationPrefixListId", "VpcPeeringConnectionId")
                if name != "data"
                else ("DestinationPrefixListId",)
            )
            if any(key in route for key in unused):
                continue
            states = both()
            del _table(states, name)["Routes"][position]
            assert _problems(states), f"{name} {route}"


ALLOW_ALL = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": ANYWHERE}]}


@pytest.mark.parametrize("tier", list(MATRIX["tiers"]))
def test_an_open_door_is_reported(tier):
    """Letting everything in, where others may send: the load balancer's users can then reach it on every port."""
    states = both()
    _group(states, tier)["IpPermissions"].append(ALLOW_ALL)
    _group(states, "alb")["IpPermissionsEgress"].append(ALLOW_ALL)
    for name in ("public", "private", "data"):
        for egress in (False, True):
            entry = {"RuleNumber": 1, "Protocol": "-1", "RuleAction": "allow", "Egress": egress, "CidrBlock": ANYWHERE}
            _acl(states, name)["Entries"].append(entry)
    problems = _problems(states)
    assert any(problem.startswith("too open:") and f" {tier} " in problem for problem in problems)


def test_one_odd_port_is_reported():
    """A port that stands nowhere in the matrix is tried because a rule names it."""
    states = both()
    rule = {"IpProtocol": "tcp", "FromPort": 31337, "ToPort": 31337}
    _group(states, "api")["IpPermissions"].append(rule | {"UserIdGroupPairs": [{"GroupId": "sg-west-alb"}]})
    _group(states, "alb")["IpPermissionsEgress"].append(rule | {"UserIdGroupPairs": [{"GroupId": "sg-west-api"}]})
    _acl(states, "private")["Entries"].insert(
        0, {"RuleNumber": 1, "Protocol": "-1", "RuleAction": "allow", "Egress": False, "CidrBlock": "10.1.0.0/24"}
    )
    assert "too open: west alb -> api tcp/31337" in _problems(states)


def test_a_way_to_the_internet_from_the_data_subnets_is_reported():
    states = both()
    _table(states, "data")["Routes"].append(
        {"DestinationCidrBlock": ANYWHERE, "NatGatewayId": "nat-west", "State": "active"}
    )
    _group(states, "database")["IpPermissionsEgress"].append(ALLOW_ALL)
    _acl(states, "data")["Entries"].append(
        {"RuleNumber": 1, "Protocol": "-1", "RuleAction": "allow", "Egress": True, "CidrBlock": ANYWHERE}
    )
    assert any(problem.startswith("too open: west database -> internet") for problem in _problems(states))


def test_a_public_data_subnet_is_reported():
    """Three walls stand before the database; with all three down the internet reaches it."""
    states = both()
    data = "subnet-west-data-a"
    _table(states, "data")["Associations"].clear()
    _table(states, "public")["Associations"].append({"SubnetId": data, "Main": False})
    assert not any("internet -> database" in problem for problem in _problems(states))
    _acl(states, "data")["Entries"].append(
        {"RuleNumber": 1, "Protocol": "-1", "RuleAction": "allow", "Egress": False, "CidrBlock": ANYWHERE}
    )
    assert not any("internet -> database" in problem for problem in _problems(states))
    _group(states, "database")["IpPermissions"].append(ALLOW_ALL)
    assert "too open: west internet -> database tcp/3306" in _problems(states)


def test_answers_need_a_way_back():
    """Only answers are blocked: ports that a client may have chosen, not the service's own."""
    states = both()
    for entry in _acl(states, "data")["Entries"]:
        if entry["Egress"] and entry["RuleAction"] == "allow":
            entry["PortRange"] = {"From": 1024, "To": 65000}
    problems = _problems(states)
    assert any("west api -> database tcp/3306" in problem and "answers out" in problem for problem in problems)


def test_a_deny_before_an_allow_counts():
    states = both()
    deny = {"RuleNumber": 1, "Protocol": "-1", "RuleAction": "deny", "Egress": False, "CidrBlock": "10.1.16.0/20"}
    _acl(states, "data")["Entries"].append(deny)
    assert any("west api -> database tcp/3306" in problem for problem in _problems(states))
    deny["RuleNumber"] = 30000
    assert _problems(states) == []


def test_the_load_balancers_are_part_of_the_internet_without_a_denial():
    """Who may go to any address on 443, and who is open to any address on 443, meet."""
    states = both()
    acl = _acl(states, "private")
    acl["Entries"] = [entry for entry in acl["Entries"] if entry["RuleAction"] == "allow"]
    assert _problems(states) == ["too open: west api -> alb tcp/443", "too open: west api -> east alb tcp/443"]


def test_acls_count_between_subnets_only():
    """Two interfaces in one subnet never meet the network ACL; in two subnets they do."""
    judge = Judge(both(), NAMES, MATRIX)
    one, other = judge.places["west"]["api"]
    within = judge.evaluator._request_acls(one, one, "tcp", 22)
    across = judge.evaluator._request_acls(one, other, "tcp", 22)
    assert within == []
    assert len(across) == 2


@pytest.mark.parametrize("code", ["pending-acceptance", "deleted"])
def test_a_peering_that_is_not_active_routes_nothing(code):
    states = both()
    for state in states.values():
        state["VpcPeeringConnections"][0]["Status"]["Code"] = code
    problems = _problems(states)
    assert len(problems) == 2
    assert all("database" in problem and "peering" in problem for problem in problems)


def test_a_peering_needs_routes_on_both_sides():
    states = both()
    table = _table(states, "data", "east")
    table["Routes"] = [route for route in table["Routes"] if "VpcPeeringConnectionId" not in route]
    problems = _problems(states)
    assert any("blocked: west database -> east database" in problem for problem in problems)
    assert any("blocked: east database -> west database" in problem for problem in problems)


def test_a_group_of_the_other_region_is_no_source():
    """What looks like a reference to the peer's group lets nobody in."""
    states = both()
    rules = _group(states, "database")["IpPermissions"]
    rules[1] = {
        "IpProtocol": "tcp",
        "FromPort": 3306,
        "ToPort": 3306,
        "UserIdGroupPairs": [{"GroupId": "sg-east-database"}],
    }
    assert any("blocked: east database -> west database" in problem for problem in _problems(states))


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("NatGateways", {"State": "deleted"}),
        ("InternetGateways", {"Attachments": []}),
    ],
)
def test_a_dead_gateway_is_reported(kind, change):
    states = both()
    states["west"][kind][0] |= change
    assert any("west api -> internet tcp/443" in problem for problem in _problems(states))


def test_a_blackhole_is_no_route():
    states = both()
    for route in _table(states, "private")["Routes"]:
        if "NatGatewayId" in route:
            route["State"] = "blackhole"
    assert any("west api -> internet tcp/443" in problem for problem in _problems(states))


def test_the_nat_gateways_subnet_sees_the_packet_twice():
    states = both()
    acl = _acl(states, "public")
    acl["Entries"] = [
        entry for entry in acl["Entries"] if not (entry["Egress"] and entry.get("PortRange", {}).get("From") == 443)
    ]
    problems = _problems(states)
    assert any("west api -> internet tcp/443" in problem and "NAT gateway" in problem for problem in problems)
