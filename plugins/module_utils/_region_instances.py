# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Find the EC2 instances of several regions at the same time, without waiting for a region that is lost."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._answers import ask_all
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError, error_code, explain

# Each client has the time-out for a connection and for an answer: this ends what they don't, such as many slow pages.
_TIMEOUTS = 3

# A refusal is the caller's to put right; anything else means that the region can't be asked.
_REFUSALS = {"UnauthorizedOperation", "AuthFailure", "InvalidClientTokenId", "SignatureDoesNotMatch", "RequestExpired"}

ClientFor = t.Callable[[str], t.Any]


def find_instances(
    client_for: ClientFor, regions: t.Sequence[str], filters: t.Mapping[str, t.Any], timeout: float
) -> tuple[list[dict[str, t.Any]], dict[str, str]]:
    """Return the instances, ordered by region and launch time, and for each region that gave no answer the reason.

    ``client_for(region)`` gives an EC2 client with that time-out; it is called in the calling thread only.
    """
    answers = ask_all({region: _list(client_for(region), filters) for region in regions}, _TIMEOUTS * timeout)
    found: list[dict[str, t.Any]] = []
    unavailable: dict[str, str] = {}
    for region in regions:
        error = answers[region].error
        if error is None:
            instances = [described(instance, region) for instance in answers[region].value]
            found += sorted(instances, key=lambda instance: (instance["launch_time"], instance["instance_id"]))
        elif error_code(error) in _REFUSALS:
            raise PlatformError(f"Could not list the instances of {region}: {explain(error)}") from error
        else:
            unavailable[region] = explain(error)
    return found, unavailable


def described(instance: dict[str, t.Any], region: str) -> dict[str, t.Any]:
    """Return what a play needs to know of an instance, in snake case, with its tags as a dictionary."""
    return {
        "instance_id": instance["InstanceId"],
        "region": region,
        "availability_zone": instance.get("Placement", {}).get("AvailabilityZone", ""),
        "private_ip_address": instance.get("PrivateIpAddress", ""),
        "state": instance.get("State", {}).get("Name", ""),
        "launch_time": instance["LaunchTime"].isoformat() if "LaunchTime" in instance else "",
        "tags": {tag["Key"]: tag["Value"] for tag in instance.get("Tags", [])},
    }


def _list(client: t.Any, filters: t.Mapping[str, t.Any]) -> t.Callable[[], list[dict[str, t.Any]]]:
    wanted = [
        {"Name": name, "Values": [str(each) for each in (value if isinstance(value, list) else [value])]}
        for name, value in filters.items()
    ]

    def read() -> list[dict[str, t.Any]]:
        pages = client.get_paginator("describe_instances").paginate(Filters=wanted)
        return [instance for page in pages for group in page["Reservations"] for instance in group["Instances"]]

    return read
