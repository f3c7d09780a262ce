# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Compare NAT gateways and their addresses as wanted and as they are, and plan the changes. Pure functions, no client."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._ec2 import Tags, tags_after, tags_as_text
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change

ADDRESS, GATEWAY = "address", "NAT gateway"


@dataclasses.dataclass(frozen=True)
class Wanted:
    """A NAT gateway that is wanted, with an address; both have its name as their tag ``Name``."""

    name: str
    subnet_id: str
    tags: Tags | None = None

    @classmethod
    def from_option(cls, entry: dict[str, t.Any]) -> Wanted:
        return cls(entry["name"], entry["subnet_id"], tags_as_text(entry["tags"]))


@dataclasses.dataclass(frozen=True)
class Found:
    """An address or a NAT gateway as it was read."""

    resource_id: str
    tags: Tags
    state: str = "available"


class Current(t.NamedTuple):
    """Addresses and NAT gateways by name."""

    addresses: dict[str, Found]
    gateways: dict[str, Found]


@dataclasses.dataclass(frozen=True)
class Work:
    """The NAT gateway that a change belongs to, the ID of what is changed, and its tags."""

    wanted: Wanted
    resource_id: str
    tags: Tags
    address_id: str = ""


def _tags(wanted: Wanted, found: Tags, purge_tags: bool) -> Tags:
    named = {"Name": wanted.name}
    return found | named if wanted.tags is None else tags_after(found, wanted.tags | named, purge_tags)


def _plan_one(kind: str, wanted: Wanted, found: Found | None, address_id: str, purge_tags: bool) -> Change | None:
    tags = _tags(wanted, found.tags if found else {}, purge_tags)
    work = Work(wanted, found.resource_id if found else "", tags, address_id)
    if found is None:
        after = {"tags": tags} if kind == ADDRESS else {"tags": tags, "subnet_id": wanted.subnet_id}
        return Change("create", kind, wanted.name, None, after, data=work)
    if tags == found.tags:
        return None
    return Change("update", kind, wanted.name, {"tags": found.tags}, {"tags": tags}, data=work)


def plan(wanted: t.Sequence[Wanted], current: Current, *, purge_tags: bool) -> list[Change]:
    """Plan the changes: all addresses first, then the NAT gateways that need them."""
    changes = [_plan_one(ADDRESS, one, current.addresses.get(one.name), "", purge_tags) for one in wanted]
    for one in wanted:
        address = current.addresses.get(one.name)
        address_id = address.resource_id if address else ""
        changes.append(_plan_one(GATEWAY, one, current.gateways.get(one.name), address_id, purge_tags))
    return [change for change in changes if change]


def check(wanted: t.Sequence[Wanted]) -> None:
    """Raise PlatformError where a name is listed twice."""
    names = [one.name for one in wanted]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise PlatformError(f"Listed twice: {', '.join(twice)}. Nothing was changed.")
