# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import dataclasses

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import converge
from ansible_collections.knowledgecity.platform.plugins.module_utils._vpc_security_groups.model import (
    ALL_EGRESS,
    Group,
    Rule,
    check,
    plan_present,
    rule_from_option,
    with_names,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._vpc_security_groups.reconciler import (
    GroupReconciler,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._vpc_security_groups.store import GroupStore
from botocore.exceptions import ClientError

MYSQL = Rule("tcp", 3306, 3306, "group", "api", "MySQL")
TAGS = {"tier": "network"}
DATABASE = Group("database", "MySQL", TAGS, frozenset({MYSQL}), frozenset(), "sg-1")


def _plan(wanted: Group, found: Group = DATABASE, purge_tags: bool = True):
    return plan_present([wanted], {"database": found}, purge_tags=purge_tags)


def _with(**changed) -> Group:
    return dataclasses.replace(DATABASE, **changed)


@pytest.mark.parametrize(
    ("option", "rule"),
    [
        ({"protocol": "tcp", "from_port": 80, "cidr": "10.0.0.9/8"}, Rule("tcp", 80, 80, "cidr", "10.0.0.0/8")),
        ({"protocol": "6", "from_port": 1, "to_port": 2, "group": "a"}, Rule("tcp", 1, 2, "group", "a")),
        ({"protocol": "ALL", "from_port": 1, "cidr_ipv6": "::/0"}, Rule("-1", None, None, "cidr_ipv6", "::/0")),
        ({"protocol": "50", "prefix_list": "pl-1"}, Rule("50", None, None, "prefix_list", "pl-1")),
    ],
)
def test_a_rule_is_written_as_aws_shows_it(option, rule):
    assert rule_from_option(option) == rule


@pytest.mark.parametrize("option", [{"protocol": "tcp", "group": "a"}, {"protocol": "all", "cidr": "everywhere"}])
def test_a_rule_that_can_not_be_is_refused(option):
    with pytest.raises(PlatformError):
        rule_from_option(option)


def test_what_is_as_wanted_needs_nothing():
    assert _plan(DATABASE) == []
    assert _plan(_with(tags=None, ingress=None, egress=None, description="other")) == []


def test_a_new_group_loses_the_egress_that_aws_gives_it():
    (change,) = plan_present([DATABASE], {}, purge_tags=True)
    assert (change.action, change.before, change.after["egress"]) == ("create", None, [])
    assert change.data.revoke == {"ingress": [], "egress": [ALL_EGRESS]}
    assert change.data.allow == {"ingress": [MYSQL], "egress": []}
    (change,) = plan_present([_with(egress=None)], {}, purge_tags=True)
    assert change.data.revoke["egress"] == []
    assert change.after["egress"] == [ALL_EGRESS.as_dict()]


def test_rules_added_by_hand_are_revoked():
    by_hand = Rule("-1", None, None, "cidr", "0.0.0.0/0")
    (change,) = _plan(DATABASE, _with(ingress=frozenset({MYSQL, by_hand})))
    assert (change.action, change.data.revoke["ingress"], change.data.allow["ingress"]) == ("update", [by_hand], [])
    assert list(change.after) == ["ingress"]


def test_another_description_of_a_rule_is_no_other_rule():
    other = dataclasses.replace(MYSQL, description="Other")
    (change,) = _plan(_with(ingress=frozenset({other})))
    assert change.data.describe["ingress"] == [other]
    assert not change.data.allow["ingress"]
    assert not change.data.revoke["ingress"]


def test_tags_are_purged_or_kept():
    found = _with(tags=TAGS | {"more": "1"})
    (change,) = _plan(DATABASE, found)
    assert change.after == {"tags": TAGS}
    assert _plan(DATABASE, found, purge_tags=False) == []


def test_problems_are_told_together():
    wanted = [DATABASE, DATABASE, _with(name="cache", ingress=frozenset({dataclasses.replace(MYSQL, target="x")}))]
    with pytest.raises(PlatformError, match=r"database is listed twice.* cache name the group x.*Nothing was changed"):
        check(wanted, {"api": _with(name="api")})
    twice = _with(ingress=frozenset({MYSQL, dataclasses.replace(MYSQL, description="again")}))
    with pytest.raises(PlatformError, match="twice"):
        check([twice], {"api": _with(name="api")})


def test_a_group_may_be_named_by_its_id():
    by_id = _with(ingress=frozenset({dataclasses.replace(MYSQL, target="sg-9")}))
    assert with_names([by_id], {"api": _with(name="api", group_id="sg-9")}) == [DATABASE]


class Client:
    """The security groups of one VPC, as AWS keeps them; new ones show their egress rule a moment later."""

    def __init__(self, *groups: str):
        self.groups: dict[str, dict] = {}
        self.calls: list[str] = []
        self.busy = 0
        for name in groups:
            self.create_security_group(name, name, "vpc-1")
        self.calls.clear()

    def create_security_group(self, GroupName, Description, VpcId, TagSpecifications=()):  # noqa: N803
        group_id = f"sg-{len(self.groups)}"
        tags = TagSpecifications[0]["Tags"] if TagSpecifications else []
        self.groups[group_id] = {
            "GroupId": group_id,
            "GroupName": GroupName,
            "Description": Description,
            "Tags": list(tags),
            "IpPermissions": [],
            "IpPermissionsEgress": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
        }
        self.calls.append(f"create {GroupName}")
        return {"GroupId": group_id}

    def describe_security_groups(self, GroupIds):  # noqa: N803
        return {"SecurityGroups": [self.groups[group_id] for group_id in GroupIds]}

    def get_paginator(self, operation):
        assert operation == "describe_security_groups"
        return self

    def paginate(self, Filters):  # noqa: N803
        assert Filters == [{"Name": "vpc-id", "Values": ["vpc-1"]}]
        return [{"SecurityGroups": list(self.groups.values())}]

    def _change(self, verb, field, GroupId, IpPermissions):  # noqa: N803
        self.calls.append(f"{verb} {self.groups[GroupId]['GroupName']}")
        permissions = self.groups[GroupId][field]
        for permission in IpPermissions:
            if verb == "revoke":
                assert permission in permissions, "AWS refuses to revoke what isn't there"
                permissions.remove(permission)
            elif verb == "authorize":
                permissions.append(permission)

    def authorize_security_group_ingress(self, **arguments):
        self._change("authorize", "IpPermissions", **arguments)

    def authorize_security_group_egress(self, **arguments):
        self._change("authorize", "IpPermissionsEgress", **arguments)

    def revoke_security_group_ingress(self, **arguments):
        self._change("revoke", "IpPermissions", **arguments)

    def revoke_security_group_egress(self, **arguments):
        self._change("revoke", "IpPermissionsEgress", **arguments)

    def create_tags(self, Resources, Tags):  # noqa: N803
        self.calls.append(f"tag {self.groups[Resources[0]]['GroupName']}")
        self.groups[Resources[0]]["Tags"] += Tags

    def delete_security_group(self, GroupId):  # noqa: N803
        group = self.groups[GroupId]
        if group["IpPermissions"] or self.busy:
            self.busy -= 1
            raise ClientError({"Error": {"Code": "DependencyViolation", "Message": ""}}, "DeleteSecurityGroup")
        self.calls.append(f"delete {group['GroupName']}")
        del self.groups[GroupId]


def _run(client, *wanted: Group, present: bool = True, check_mode: bool = False):
    store = GroupStore(client, "vpc-1", 5)
    reconciler = GroupReconciler(wanted, store, present=present, purge_tags=True)
    return converge(reconciler, check_mode=check_mode, timeout=5)


API = Group("api", "API", TAGS, frozenset(), frozenset({Rule("tcp", 3306, 3306, "group", "database", "MySQL")}))


def test_groups_that_name_each_other_are_created_before_their_rules():
    client = Client()
    changes, current = _run(client, API, DATABASE)
    assert [change.action for change in changes] == ["create", "create"]
    assert sorted(client.calls[:2]) == ["create api", "create database"]
    assert current["api"].egress == API.egress
    assert current["database"].ingress == DATABASE.ingress
    ids = {group["GroupName"]: group["GroupId"] for group in client.groups.values()}
    (permission,) = client.groups[ids["database"]]["IpPermissions"]
    assert permission["UserIdGroupPairs"] == [{"GroupId": ids["api"], "Description": "MySQL"}]
    assert client.groups[ids["database"]]["IpPermissionsEgress"] == []
    assert client.groups[ids["database"]]["Tags"] == [{"Key": "tier", "Value": "network"}]
    assert _run(client, API, DATABASE)[0] == []


def test_check_mode_calls_nothing():
    client = Client()
    changes, _current = _run(client, API, DATABASE, check_mode=True)
    assert len(changes) == 2
    assert client.calls == []


def test_the_default_group_is_tagged_before_it_is_emptied():
    client = Client("default")
    _run(client, Group("default", "", TAGS, frozenset(), frozenset()))
    assert client.calls == ["tag default", "revoke default"]


def test_groups_are_emptied_before_they_are_removed():
    client = Client()
    _run(client, API, DATABASE)
    client.calls.clear()
    client.busy = 1
    changes, current = _run(client, API, DATABASE, Group("gone"), present=False)
    assert [change.action for change in changes] == ["delete", "delete"]
    assert current == {}
    assert client.groups == {}
    assert sorted(client.calls) == ["delete api", "delete database", "revoke api", "revoke database"]
