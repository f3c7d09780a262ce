# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read and change the hosted zones and record sets of Route 53."""

from __future__ import annotations

import dataclasses
import re
import time
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError, doing, error_code

try:
    from botocore.exceptions import ClientError
except ImportError:  # AnsibleAWSModule reports the missing library
    ClientError = Exception

# Route 53's API is reached there, whatever regions a platform uses.
GLOBAL_REGION = "us-east-1"
_ZONE_ID = re.compile(r"Z[A-Z0-9]{5,31}")
_OCTAL = re.compile(r"\\([0-7]{3})")
# https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html
_CHANGES_MAX = 500
_INTERVAL = 2.0


def absolute(name: str) -> str:
    r"""Return a name as Route 53 shows it: lower case, a dot at the end; its octal escapes (``\052`` for ``*``) resolved."""
    name = _OCTAL.sub(lambda found: chr(int(found[1], 8)), name).lower()
    return name if name.endswith(".") else f"{name}."


def is_within(name: str, zone_name: str) -> bool:
    """Tell whether a name is a zone's own, or below it."""
    name, zone_name = absolute(name), absolute(zone_name)
    return name == zone_name or name.endswith(f".{zone_name}")


@dataclasses.dataclass(frozen=True)
class Zone:
    """A hosted zone with its comment."""

    zone_id: str
    name: str
    private: bool = False
    comment: str = ""


@dataclasses.dataclass(frozen=True)
class RecordSet:
    """A record set; `routing` holds its routing policy in Route 53's words."""

    name: str
    type: str
    values: tuple[str, ...] = ()
    ttl: int | None = None
    set_identifier: str | None = None
    health_check_id: str | None = None
    routing: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)

    @classmethod
    def from_api(cls, data: t.Mapping[str, t.Any]) -> RecordSet:
        known = {"Name", "Type", "ResourceRecords", "TTL", "SetIdentifier", "HealthCheckId"}
        return cls(
            name=absolute(data["Name"]),
            type=data["Type"],
            values=tuple(record["Value"] for record in data.get("ResourceRecords", [])),
            ttl=data.get("TTL"),
            set_identifier=data.get("SetIdentifier"),
            health_check_id=data.get("HealthCheckId"),
            routing={key: value for key, value in data.items() if key not in known},
        )

    def to_api(self) -> dict[str, t.Any]:
        optional = {
            "TTL": self.ttl,
            "SetIdentifier": self.set_identifier,
            "HealthCheckId": self.health_check_id,
            "ResourceRecords": [{"Value": value} for value in self.values] or None,
        }
        given = {key: value for key, value in optional.items() if value is not None}
        return {"Name": self.name, "Type": self.type} | given | dict(self.routing)

    def __str__(self) -> str:
        content = ", ".join(self.values) or str(self.routing.get("AliasTarget", {}).get("DNSName", "nothing"))
        return f"{self.name} {self.type} {content}"


class Route53:
    """Read and change the account's hosted zones through the client given."""

    def __init__(self, client: t.Any):
        self._client = client

    def find_zones(self, name_or_id: str) -> list[Zone]:
        """Find the hosted zones of a name, public and private, or the one of an ID."""
        with doing(f"find the hosted zone {name_or_id}"):
            if _ZONE_ID.fullmatch(name_or_id):
                try:
                    return [_zone(self._client.get_hosted_zone(Id=name_or_id)["HostedZone"])]
                except ClientError as error:
                    if error_code(error) == "NoSuchHostedZone":
                        return []
                    raise
            wanted = absolute(name_or_id)
            listed = self._client.list_hosted_zones_by_name(DNSName=wanted)["HostedZones"]
            return [zone for zone in map(_zone, listed) if zone.name == wanted]

    def name_servers(self, zone: Zone) -> list[str]:
        """Read the name servers that the parent zone has to name."""
        with doing(f"read the hosted zone {zone.name}"):
            answer = self._client.get_hosted_zone(Id=zone.zone_id)
        return sorted(server.rstrip(".") for server in answer.get("DelegationSet", {}).get("NameServers", []))

    def record_sets(self, zone: Zone) -> list[RecordSet]:
        """Read all record sets of a zone."""
        with doing(f"read the records of the hosted zone {zone.name}"):
            pages = self._client.get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone.zone_id)
            return [RecordSet.from_api(item) for page in pages for item in page["ResourceRecordSets"]]

    def change(self, zone: Zone, changes: t.Sequence[tuple[str, RecordSet]], comment: str) -> list[str]:
        """Make changes (CREATE, DELETE or UPSERT), up to 500 of them in one transaction; return the changes' IDs."""
        made = []
        for first in range(0, len(changes), _CHANGES_MAX):
            part = changes[first : first + _CHANGES_MAX]
            batch = [{"Action": action, "ResourceRecordSet": record.to_api()} for action, record in part]
            with doing(f"change {len(part)} record(s) of the hosted zone {zone.name}"):
                answer = self._client.change_resource_record_sets(
                    HostedZoneId=zone.zone_id, ChangeBatch={"Comment": comment, "Changes": batch}
                )
            made.append(answer["ChangeInfo"]["Id"].rpartition("/")[2])
        return made

    def wait_until_served(self, change_ids: t.Iterable[str], timeout: float) -> None:
        """Wait until all of Route 53's name servers answer with the changes."""
        deadline = time.monotonic() + timeout
        for change_id in change_ids:
            while True:
                with doing(f"read how far the change {change_id} has come"):
                    status = self._client.get_change(Id=change_id)["ChangeInfo"]["Status"]
                if status == "INSYNC":
                    break
                if time.monotonic() >= deadline:
                    raise PlatformError(
                        f"Route 53's name servers don't all answer with the change {change_id} after {timeout:.0f} s. "
                        "They will: run again, or raise O(wait_timeout)."
                    )
                time.sleep(_INTERVAL)


def _zone(data: t.Mapping[str, t.Any]) -> Zone:
    config = data.get("Config", {})
    return Zone(
        data["Id"].rpartition("/")[2],
        absolute(data["Name"]),
        config.get("PrivateZone", False),
        config.get("Comment", ""),
    )
