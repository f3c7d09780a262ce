# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Which hosted zone answers for a name, as a resolver on the internet would find it. Pure functions, no client.

The lab's registry delegates whatever is hosted below `example.`. A zone below another hosted zone is found where that one delegates
it: a parent zone without the right NS records shows what a domain that is not delegated looks like.
Record sets are kept as the emulator keeps them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

REGISTRY_TOP = "example."

RecordSet = dict[str, Any]


def absolute(name: str) -> str:
    """Return a name in lower case, with its dot at the end."""
    name = name.lower()
    return name if name.endswith(".") else f"{name}."


def is_within(name: str, zone_name: str) -> bool:
    """Return whether a name is a zone's own, or below it."""
    return name == zone_name or name.endswith(f".{zone_name}")


@dataclass(frozen=True)
class Zone:
    """A public hosted zone."""

    zone_id: str
    name: str
    records: tuple[RecordSet, ...]

    def sets(self, name: str, *types: str) -> list[RecordSet]:
        """Return the record sets of a name, of the given types or of all."""
        return [item for item in self.records if item["Name"] == name and (not types or item["Type"] in types)]

    def name_servers(self, name: str | None = None) -> set[str]:
        """Return the name servers of the zone itself, or those that it delegates `name` to."""
        return {absolute(value) for item in self.sets(name or self.name, "NS") for value in item["ResourceRecords"]}

    def cut(self, name: str) -> str | None:
        """Return the highest name at or above `name` that the zone delegates to other servers."""
        labels = name.removesuffix(self.name).rstrip(".").split(".") if name != self.name else []
        for count in range(1, len(labels) + 1):
            candidate = ".".join(labels[-count:]) + f".{self.name}"
            if self.sets(candidate, "NS"):
                return candidate
        return None


class Zones:
    """All public hosted zones there are."""

    def __init__(self, zones: Iterable[Zone], hosts: Mapping[str, Mapping[str, str]] | None = None):
        self._zones = list(zones)
        self._hosts = {absolute(name): host for name, host in (hosts or {}).items()}

    def host(self, name: str) -> str | None:
        """Return the address of a name that AWS itself gave to something; with `dualstack.` before it it is the same one."""
        host = self._hosts.get(name.removeprefix("dualstack."))
        return host["address"] if host else None

    def network(self, address: str) -> str | None:
        """Return the VPC that has to be entered to reach an address of such a name."""
        return next((host["network"] for host in self._hosts.values() if host["address"] == address), None)

    def authority(self, name: str) -> Zone | None:
        """Return the zone that answers for `name`; None where nobody on the internet would find one."""
        found: Zone | None = None
        for zone in sorted(
            (zone for zone in self._zones if is_within(name, zone.name)), key=lambda zone: len(zone.name)
        ):
            if found is None:
                found = zone if is_within(zone.name, REGISTRY_TOP) and zone.name != REGISTRY_TOP else None
            elif zone.name != found.name and zone.name_servers() & found.name_servers(zone.name):
                found = zone
        return found

    def cname(self, name: str) -> str | None:
        """Return what the CNAME of `name` says, asked from outside."""
        zone = self.authority(absolute(name))
        if zone is None or zone.cut(absolute(name)):
            return None
        values = [value for item in zone.sets(absolute(name), "CNAME") for value in item.get("ResourceRecords", [])]
        return absolute(values[0]) if values else None
