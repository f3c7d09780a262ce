# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Compare VPC endpoints as wanted and as they are, and plan the changes. Pure functions, no client."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._ec2 import Tags, tags_after, tags_as_text
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change

GATEWAY, INTERFACE = "Gateway", "Interface"


@dataclasses.dataclass(frozen=True)
class Endpoint:
    """A VPC endpoint. Tags of a wanted one that are None are left as they are."""

    service: str
    kind: str = INTERFACE
    route_tables: frozenset[str] = frozenset()
    subnets: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    private_dns: bool = False
    tags: Tags | None = None
    endpoint_id: str = ""

    @classmethod
    def from_option(cls, entry: dict[str, t.Any]) -> Endpoint:
        return cls(
            service=entry["service"],
            kind=entry["type"],
            route_tables=frozenset(entry["route_table_ids"]),
            subnets=frozenset(entry["subnet_ids"]),
            groups=frozenset(entry["security_group_ids"]),
            private_dns=entry["type"] == INTERFACE and entry["private_dns_enabled"],
            tags=tags_as_text(entry["tags"]),
        )

    def as_dict(self) -> dict[str, t.Any]:
        return {
            "service": self.service,
            "type": self.kind,
            "route_table_ids": sorted(self.route_tables),
            "subnet_ids": sorted(self.subnets),
            "security_group_ids": sorted(self.groups),
            "private_dns_enabled": self.private_dns,
            "tags": self.tags or {},
        }


@dataclasses.dataclass(frozen=True)
class Work:
    """The endpoint that a change leads to, and the one that there is."""

    wanted: Endpoint
    found: Endpoint | None


def _plan_one(wanted: Endpoint, found: Endpoint | None, purge_tags: bool) -> Change | None:
    if found is None:
        return Change("create", "endpoint", wanted.service, None, wanted.as_dict(), data=Work(wanted, None))
    new = dataclasses.replace(
        wanted, tags=tags_after(found.tags or {}, wanted.tags, purge_tags), endpoint_id=found.endpoint_id
    )
    before, after = found.as_dict(), new.as_dict()
    differing = [key for key in after if before[key] != after[key]]
    if not differing:
        return None
    return Change(
        "update" if differing == ["tags"] else "replace",
        "endpoint",
        wanted.service,
        {key: before[key] for key in differing},
        {key: after[key] for key in differing},
        data=Work(new, found),
    )


def plan_present(wanted: t.Sequence[Endpoint], current: dict[str, Endpoint], *, purge_tags: bool) -> list[Change]:
    """Plan the changes from the endpoints of a VPC, by service, to those wanted; others are left alone."""
    planned = [_plan_one(endpoint, current.get(endpoint.service), purge_tags) for endpoint in wanted]
    return [change for change in planned if change]


def plan_absent(wanted: t.Sequence[Endpoint], current: dict[str, Endpoint]) -> list[Change]:
    """Plan the removal of those endpoints that exist."""
    found = [current[endpoint.service] for endpoint in wanted if endpoint.service in current]
    return [
        Change("delete", "endpoint", endpoint.service, endpoint.as_dict(), None, data=Work(endpoint, endpoint))
        for endpoint in found
    ]


def check(wanted: t.Sequence[Endpoint]) -> None:
    """Raise PlatformError with every problem of the list."""
    services = [endpoint.service for endpoint in wanted]
    twice = sorted({service for service in services if services.count(service) > 1})
    problems = [f"The endpoint of {service} is listed twice." for service in twice]
    for endpoint in wanted:
        if endpoint.kind == GATEWAY and (endpoint.subnets or endpoint.groups):
            problems.append(f"{endpoint.service}: a gateway endpoint has route tables, but no subnets and groups.")
        if endpoint.kind == INTERFACE and endpoint.route_tables:
            problems.append(f"{endpoint.service}: an interface endpoint has subnets, but no route tables.")
    if problems:
        raise PlatformError(" ".join(problems) + " Nothing was changed.")
