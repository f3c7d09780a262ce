# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read and write the security groups of a VPC, several at the same time; the client is passed in."""

from __future__ import annotations

import time
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import retrying
from ansible_collections.knowledgecity.platform.plugins.module_utils._ec2 import in_vpc, tagged, tags_of, write_tags
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError, doing
from ansible_collections.knowledgecity.platform.plugins.module_utils._parallel import in_parallel
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change
from ansible_collections.knowledgecity.platform.plugins.module_utils._vpc_security_groups.model import (
    ALL,
    EGRESS,
    INGRESS,
    Group,
    Rule,
    Rules,
    Work,
    plain_protocol,
)

# A rule's kind, the list of a permission that holds it, and the key of its target there.
_TARGETS = (
    ("cidr", "IpRanges", "CidrIp"),
    ("cidr_ipv6", "Ipv6Ranges", "CidrIpv6"),
    ("prefix_list", "PrefixListIds", "PrefixListId"),
    ("group", "UserIdGroupPairs", "GroupId"),
)
_POLL_DELAY = 0.5


class GroupStore:
    """The security groups of one VPC."""

    def __init__(self, client: t.Any, vpc_id: str, wait_timeout: float):
        self._client = client
        self._vpc_id = vpc_id
        self._wait_timeout = wait_timeout
        self._ids: dict[str, str] = {}

    def read(self) -> dict[str, Group]:
        """Read the security groups by name."""
        with doing(f"read the security groups of {self._vpc_id}"):
            pages = self._client.get_paginator("describe_security_groups").paginate(Filters=in_vpc(self._vpc_id))
            found = [group for page in pages for group in page["SecurityGroups"]]
        self._ids = {group["GroupName"]: group["GroupId"] for group in found}
        names = {group_id: name for name, group_id in self._ids.items()}
        return {group["GroupName"]: _group(group, names) for group in found}

    def apply(self, changes: list[Change]) -> None:
        """Create the missing groups, then set the rules of all, since rules name groups; delete at the end."""
        created = [change for change in changes if change.action == "create"]
        deleted = [change for change in changes if change.action == "delete"]
        self._ids |= dict(in_parallel(self._create, created))
        self._wait_until_created([self._ids[change.name] for change in created])
        # Groups that name each other can't be deleted: their rules go first.
        in_parallel(self._set, changes)
        in_parallel(self._delete, deleted)

    def _create(self, change: Change) -> tuple[str, str]:
        group: Group = change.data.wanted
        with doing(f"create the {change.resource} in {self._vpc_id}"):
            answer = self._client.create_security_group(
                GroupName=group.name,
                Description=group.description,
                VpcId=self._vpc_id,
                **tagged("security-group", group.tags),
            )
        return group.name, answer["GroupId"]

    def _wait_until_created(self, group_ids: list[str]) -> None:
        """Wait until the groups are shown with the egress rule that AWS gives them: only then can it be revoked."""
        if not group_ids:
            return
        describe = retrying(self._client.describe_security_groups, "InvalidGroup.NotFound", timeout=self._wait_timeout)
        deadline = time.monotonic() + self._wait_timeout
        while True:
            with doing(f"read the new security groups of {self._vpc_id}"):
                found = describe(GroupIds=group_ids)["SecurityGroups"]
            if len(found) == len(group_ids) and all(group.get("IpPermissionsEgress") for group in found):
                return
            if time.monotonic() >= deadline:
                raise PlatformError(
                    f"Created {len(group_ids)} security group(s) in {self._vpc_id}, and after {self._wait_timeout:.0f} s AWS "
                    "does not show all of them with their egress rule. Fix: run again; raise O(wait_timeout) where AWS is slow."
                )
            time.sleep(_POLL_DELAY)

    def _set(self, change: Change) -> None:
        work: Work = change.data
        group_id = self._ids[change.name]
        with doing(f"set the tags and rules of the {change.resource} ({group_id})"):
            # The operator may change the rules of the VPC's default group once it has the platform's tags.
            write_tags(self._client, group_id, work.found.tags or {}, work.tags)
            for direction in (INGRESS, EGRESS):
                # What is still needed is allowed before anything is revoked, so that no connection breaks in between.
                for verb, rules in (("authorize", work.allow), ("describe", work.describe), ("revoke", work.revoke)):
                    if rules[direction]:
                        self._call(verb, direction)(GroupId=group_id, IpPermissions=self._permissions(rules[direction]))

    def _call(self, verb: str, direction: str) -> t.Callable[..., t.Any]:
        operations = {
            "authorize": f"authorize_security_group_{direction}",
            "describe": f"update_security_group_rule_descriptions_{direction}",
            "revoke": f"revoke_security_group_{direction}",
        }
        # A group that a rule names may have been created a moment ago.
        return retrying(getattr(self._client, operations[verb]), "InvalidGroup.NotFound", timeout=self._wait_timeout)

    def _permissions(self, rules: t.Iterable[Rule]) -> list[dict[str, t.Any]]:
        return [self._permission(rule) for rule in sorted(rules, key=str)]

    def _permission(self, rule: Rule) -> dict[str, t.Any]:
        field, key = next((field, key) for kind, field, key in _TARGETS if kind == rule.kind)
        target = {key: self._ids.get(rule.target, rule.target) if rule.kind == "group" else rule.target}
        if rule.description:
            target["Description"] = rule.description
        permission: dict[str, t.Any] = {"IpProtocol": rule.protocol, field: [target]}
        if rule.from_port is not None:
            permission |= {"FromPort": rule.from_port, "ToPort": rule.to_port}
        return permission

    def _delete(self, change: Change) -> None:
        # The network interfaces of endpoints let go of their group a while after the endpoints are gone.
        delete = retrying(self._client.delete_security_group, "DependencyViolation", timeout=self._wait_timeout)
        with doing(f"delete the {change.resource} ({self._ids[change.name]})"):
            delete(GroupId=self._ids[change.name])


def _group(found: dict[str, t.Any], names: dict[str, str]) -> Group:
    return Group(
        name=found["GroupName"],
        description=found.get("Description", ""),
        tags=tags_of(found),
        ingress=_rules(found.get("IpPermissions", []), names),
        egress=_rules(found.get("IpPermissionsEgress", []), names),
        group_id=found["GroupId"],
    )


def _rules(permissions: list[dict[str, t.Any]], names: dict[str, str]) -> Rules:
    rules = []
    for permission in permissions:
        protocol = plain_protocol(permission["IpProtocol"])
        ports = (None, None) if protocol == ALL else (permission.get("FromPort"), permission.get("ToPort"))
        for kind, field, key in _TARGETS:
            for target in permission.get(field) or []:
                name = names.get(target[key], target[key]) if kind == "group" else target[key]
                rules.append(Rule(protocol, *ports, kind, name, target.get("Description") or ""))
    return frozenset(rules)
