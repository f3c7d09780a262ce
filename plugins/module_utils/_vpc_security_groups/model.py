# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Compare security groups as wanted and as they are, and plan the changes. Pure functions, no client."""

from __future__ import annotations

import dataclasses
import ipaddress
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._ec2 import Tags, tags_after, tags_as_text
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change

INGRESS, EGRESS = "ingress", "egress"
KINDS = ("group", "cidr", "cidr_ipv6", "prefix_list")
ALL = "-1"
_NUMBERS = {"all": ALL, "1": "icmp", "6": "tcp", "17": "udp"}


@dataclasses.dataclass(frozen=True)
class Rule:
    """A rule; ``target`` is one source (of an ingress rule) or destination. Groups of the VPC stand there by name."""

    protocol: str
    from_port: int | None
    to_port: int | None
    kind: str
    target: str
    description: str = ""

    @property
    def place(self) -> tuple[t.Any, ...]:
        """Return what tells a rule from others: all but its description."""
        return (self.protocol, self.from_port, self.to_port, self.kind, self.target)

    def as_dict(self) -> dict[str, t.Any]:
        ports = {} if self.from_port is None else {"from_port": self.from_port, "to_port": self.to_port}
        return {"protocol": self.protocol, **ports, self.kind: self.target, "description": self.description}


Rules = frozenset[Rule]

# AWS gives it to every new group.
ALL_EGRESS = Rule(ALL, None, None, "cidr", "0.0.0.0/0")


def plain_protocol(protocol: str) -> str:
    """Return a protocol as AWS shows it."""
    name = protocol.lower()
    return _NUMBERS.get(name, name)


def rule_from_option(option: dict[str, t.Any]) -> Rule:
    """Return the rule that an entry of O(security_groups[].ingress) or O(security_groups[].egress) describes."""
    protocol = plain_protocol(option["protocol"])
    kind = next(kind for kind in KINDS if option.get(kind))
    target = option[kind]
    first, last = option.get("from_port"), option.get("to_port")
    last = first if last is None else last
    if protocol == ALL:
        first = last = None
    elif first is None and protocol in ("tcp", "udp"):
        raise PlatformError(f"A rule for {protocol} and {target} has no from_port. Fix: set it, or the protocol all.")
    if kind in ("cidr", "cidr_ipv6"):
        target = _plain_range(target)
    return Rule(protocol, first, last, kind, target, option.get("description") or "")


def _plain_range(cidr: str) -> str:
    try:
        return str(ipaddress.ip_network(cidr, strict=False))
    except ValueError as error:
        raise PlatformError(f"{cidr} in a rule is no address range: {error}") from error


@dataclasses.dataclass(frozen=True)
class Group:
    """A security group. Rules or tags that are None are left as they are."""

    name: str
    description: str = ""
    tags: Tags | None = None
    ingress: Rules | None = None
    egress: Rules | None = None
    group_id: str = ""

    @classmethod
    def from_option(cls, entry: dict[str, t.Any]) -> Group:
        rules = {
            direction: None if entry[direction] is None else frozenset(map(rule_from_option, entry[direction]))
            for direction in (INGRESS, EGRESS)
        }
        return cls(entry["name"], entry["description"] or entry["name"], tags_as_text(entry["tags"]), **rules)

    def rules(self, direction: str) -> Rules | None:
        return self.ingress if direction == INGRESS else self.egress

    def as_dict(self) -> dict[str, t.Any]:
        return {
            "name": self.name,
            "description": self.description,
            "tags": self.tags or {},
            INGRESS: shown(self.ingress or frozenset()),
            EGRESS: shown(self.egress or frozenset()),
        }


def shown(rules: t.Iterable[Rule]) -> list[dict[str, t.Any]]:
    """Return rules for results and diffs, in a fixed order."""
    return [rule.as_dict() for rule in sorted(rules, key=lambda rule: [str(value) for value in rule.place])]


@dataclasses.dataclass(frozen=True)
class Work:
    """What a change does: rules to allow, to describe anew and to revoke, by direction, and tags."""

    wanted: Group
    found: Group
    allow: dict[str, list[Rule]]
    describe: dict[str, list[Rule]]
    revoke: dict[str, list[Rule]]
    tags: Tags


def _work(wanted: Group, found: Group, purge_tags: bool) -> Work:
    allow, describe, revoke = {}, {}, {}
    for direction in (INGRESS, EGRESS):
        there, rules = found.rules(direction) or frozenset(), wanted.rules(direction)
        if rules is None:
            rules = there
        places, wanted_places = {rule.place for rule in there}, {rule.place for rule in rules}
        allow[direction] = [rule for rule in rules if rule.place not in places]
        describe[direction] = [rule for rule in rules - there if rule.place in places]
        revoke[direction] = [rule for rule in there if rule.place not in wanted_places]
    return Work(wanted, found, allow, describe, revoke, tags_after(found.tags or {}, wanted.tags, purge_tags))


def _change_of(wanted: Group, found: Group, purge_tags: bool) -> Change | None:
    work = _work(wanted, found, purge_tags)
    before, after = {}, {}
    for direction in (INGRESS, EGRESS):
        if work.allow[direction] or work.describe[direction] or work.revoke[direction]:
            before[direction] = shown(found.rules(direction) or ())
            after[direction] = shown(wanted.rules(direction) or ())
    if work.tags != found.tags:
        before["tags"], after["tags"] = found.tags, work.tags
    return Change("update", "security group", wanted.name, before, after, data=work) if after else None


def _creation(wanted: Group) -> Change:
    new = Group(wanted.name, wanted.description, wanted.tags, frozenset(), frozenset({ALL_EGRESS}))
    kept = dataclasses.replace(wanted, egress=new.egress) if wanted.egress is None else wanted
    return Change("create", "security group", wanted.name, None, kept.as_dict(), data=_work(wanted, new, False))


def plan_present(wanted: t.Sequence[Group], current: dict[str, Group], *, purge_tags: bool) -> list[Change]:
    """Plan the changes from the groups of a VPC to those wanted; groups that are not listed are left alone."""
    changes = []
    for group in wanted:
        found = current.get(group.name)
        change = _change_of(group, found, purge_tags) if found else _creation(group)
        if change:
            changes.append(change)
    return changes


def plan_absent(wanted: t.Sequence[Group], current: dict[str, Group]) -> list[Change]:
    """Plan the removal of those groups that exist."""
    found = [current[group.name] for group in wanted if group.name in current]
    return [
        Change("delete", "security group", group.name, group.as_dict(), None, data=_work(_empty(group), group, False))
        for group in found
    ]


def _empty(group: Group) -> Group:
    return dataclasses.replace(group, ingress=frozenset(), egress=frozenset())


def check(wanted: t.Sequence[Group], current: dict[str, Group]) -> None:
    """Raise PlatformError with every problem of the list."""
    names = [group.name for group in wanted]
    problems = [
        f"The security group {name} is listed twice." for name in sorted({n for n in names if names.count(n) > 1})
    ]
    known = {*names, *current}
    for group in wanted:
        for direction in (INGRESS, EGRESS):
            rules = group.rules(direction) or frozenset()
            targets = {rule.target for rule in rules if rule.kind == "group"}
            problems += [
                f"The {direction} rules of {group.name} name the group {target}, which is neither in the VPC nor listed."
                for target in sorted(targets)
                if target not in known and not target.startswith("sg-")
            ]
            places = [rule.place for rule in rules]
            problems += [
                f"The {direction} rules of {group.name} hold one for {place[0]} and {place[-1]} twice."
                for place in sorted(set(places), key=str)
                if places.count(place) > 1
            ]
    if problems:
        raise PlatformError(" ".join(problems) + " Nothing was changed.")


def with_names(groups: t.Sequence[Group], current: dict[str, Group]) -> list[Group]:
    """Return the groups with rules that name groups of the VPC by name where an entry gave their ID."""
    names = {group.group_id: group.name for group in current.values()}

    def named(rules: Rules | None) -> Rules | None:
        if rules is None:
            return None
        return frozenset(
            dataclasses.replace(rule, target=names.get(rule.target, rule.target)) if rule.kind == "group" else rule
            for rule in rules
        )

    return [dataclasses.replace(group, ingress=named(group.ingress), egress=named(group.egress)) for group in groups]
