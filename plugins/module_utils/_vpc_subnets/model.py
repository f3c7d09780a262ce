# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Compare subnets as wanted and as they are, and plan the changes. Pure functions, no client."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._ec2 import Tags, tags_after, tags_as_text
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change


@dataclasses.dataclass(frozen=True)
class Subnet:
    """A subnet. Its name is its tag ``Name``; other tags of a wanted subnet that are None are left as they are."""

    name: str
    cidr: str
    zone: str | None
    map_public_ip: bool = False
    tags: Tags | None = None
    subnet_id: str = ""

    @classmethod
    def from_option(cls, entry: dict[str, t.Any]) -> Subnet:
        tags = tags_as_text(entry["tags"])
        return cls(entry["name"], entry["cidr"], entry["zone"], entry["map_public_ip"], tags)

    def as_dict(self) -> dict[str, t.Any]:
        return {
            "name": self.name,
            "cidr": self.cidr,
            "zone": self.zone,
            "map_public_ip": self.map_public_ip,
            "tags": self.tags or {},
        }


@dataclasses.dataclass(frozen=True)
class Work:
    """The subnet that a change leads to, and the one that there is."""

    wanted: Subnet
    found: Subnet | None


def _tags(wanted: Subnet, found: Tags, purge_tags: bool) -> Tags:
    """Return the tags that a subnet should have, its name among them."""
    named = {"Name": wanted.name}
    if wanted.tags is None:
        return found | named
    return tags_after(found, wanted.tags | named, purge_tags)


def _plan_one(wanted: Subnet, found: Subnet | None, purge_tags: bool) -> Change | None:
    if found is None:
        new = dataclasses.replace(wanted, tags=_tags(wanted, {}, purge_tags))
        return Change("create", "subnet", wanted.name, None, new.as_dict(), data=Work(new, None))
    new = dataclasses.replace(
        found,
        name=wanted.name,
        map_public_ip=wanted.map_public_ip,
        tags=_tags(wanted, found.tags or {}, purge_tags),
    )
    before, after = found.as_dict(), new.as_dict()
    differing = [key for key in after if before[key] != after[key] and key != "name"]
    if not differing:
        return None
    return Change(
        "update",
        "subnet",
        wanted.name,
        {key: before[key] for key in differing},
        {key: after[key] for key in differing},
        data=Work(new, found),
    )


def plan_present(wanted: t.Sequence[Subnet], current: dict[str, Subnet], *, purge_tags: bool) -> list[Change]:
    """Plan the changes from the subnets of a VPC, by address range, to those wanted; others are left alone."""
    planned = [_plan_one(subnet, current.get(subnet.cidr), purge_tags) for subnet in wanted]
    return [change for change in planned if change]


def plan_absent(wanted: t.Sequence[Subnet], current: dict[str, Subnet]) -> list[Change]:
    """Plan the removal of those subnets that exist."""
    found = [(subnet.name, current[subnet.cidr]) for subnet in wanted if subnet.cidr in current]
    return [
        Change("delete", "subnet", name, subnet.as_dict(), None, data=Work(subnet, subnet)) for name, subnet in found
    ]


def check(wanted: t.Sequence[Subnet], current: dict[str, Subnet]) -> None:
    """Raise PlatformError with every problem of the list, and with what AWS can't change."""
    problems = []
    for attribute in ("name", "cidr"):
        values = [getattr(subnet, attribute) for subnet in wanted]
        problems += [
            f"Two subnets have the {attribute} {value}." for value in sorted(set(values)) if values.count(value) > 1
        ]
    for subnet in wanted:
        found = current.get(subnet.cidr)
        if found and subnet.zone and found.zone != subnet.zone:
            problems.append(
                f"The subnet {found.subnet_id} ({subnet.cidr}) is in {found.zone}, and {subnet.name} belongs to "
                f"{subnet.zone}: AWS can't move it."
            )
    if problems:
        raise PlatformError(" ".join(problems) + " Nothing was changed.")
