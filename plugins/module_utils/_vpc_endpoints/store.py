# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read and write the endpoints of a VPC, several at the same time; the client is passed in."""

from __future__ import annotations

import time
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import retrying
from ansible_collections.knowledgecity.platform.plugins.module_utils._ec2 import in_vpc, tagged, tags_of, write_tags
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError, doing
from ansible_collections.knowledgecity.platform.plugins.module_utils._parallel import in_parallel
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change
from ansible_collections.knowledgecity.platform.plugins.module_utils._vpc_endpoints.model import (
    INTERFACE,
    Endpoint,
    Work,
)

_GONE = {"deleted", "failed", "rejected", "expired"}
_POLL_DELAY = 2.0
# What an endpoint names may have been created a moment ago.
_EVENTUAL = ("InvalidGroup.NotFound", "InvalidRouteTableId.NotFound", "InvalidSubnetID.NotFound")


class EndpointStore:
    """The endpoints of one VPC."""

    def __init__(self, client: t.Any, vpc_id: str, wait_timeout: float):
        self._client = client
        self._vpc_id = vpc_id
        self._wait_timeout = wait_timeout

    def read(self) -> dict[str, Endpoint]:
        """Read the endpoints by service."""
        found = self._describe()
        return {item["ServiceName"]: _endpoint(item) for item in found if _state(item) not in {*_GONE, "deleting"}}

    def _describe(self) -> list[dict[str, t.Any]]:
        with doing(f"read the endpoints of {self._vpc_id}"):
            pages = self._client.get_paginator("describe_vpc_endpoints").paginate(Filters=in_vpc(self._vpc_id))
            return [item for page in pages for item in page["VpcEndpoints"]]

    def apply(self, changes: list[Change]) -> None:
        """Delete endpoints, wait until those to be replaced are gone, and create, several at the same time."""
        deleted = [change.data.found.endpoint_id for change in changes if change.action in ("delete", "replace")]
        self._delete(deleted)
        in_parallel(self._create, [change for change in changes if change.action in ("create", "replace")])
        in_parallel(self._tag, [change for change in changes if change.action == "update"])

    def _delete(self, endpoint_ids: list[str]) -> None:
        if not endpoint_ids:
            return
        what = f"delete the endpoints {', '.join(endpoint_ids)} of {self._vpc_id}"
        with doing(what):
            answer = self._client.delete_vpc_endpoints(VpcEndpointIds=endpoint_ids)
        for item in answer.get("Unsuccessful", []):
            error = item.get("Error", {})
            raise PlatformError(f"Could not {what}: AWS answered {error.get('Code')}: {error.get('Message')}")
        deadline = time.monotonic() + self._wait_timeout
        # Only once an endpoint is gone, another one can have its private DNS names.
        while left := [item for item in self._describe() if item["VpcEndpointId"] in endpoint_ids]:
            if all(_state(item) in _GONE for item in left):
                return
            if time.monotonic() >= deadline:
                raise PlatformError(
                    f"Could not {what}: after {self._wait_timeout:.0f} s they are still there. "
                    "Fix: run again; raise O(wait_timeout) where AWS is slow."
                )
            time.sleep(_POLL_DELAY)

    def _create(self, change: Change) -> None:
        wanted: Endpoint = change.data.wanted
        lists = {"RouteTableIds": wanted.route_tables, "SubnetIds": wanted.subnets, "SecurityGroupIds": wanted.groups}
        arguments: dict[str, t.Any] = {key: sorted(value) for key, value in lists.items() if value}
        if wanted.kind == INTERFACE and not wanted.private_dns:
            arguments["PrivateDnsEnabled"] = False
        create = retrying(self._client.create_vpc_endpoint, *_EVENTUAL, timeout=self._wait_timeout)
        with doing(f"create the {change.resource} in {self._vpc_id}"):
            create(
                VpcId=self._vpc_id,
                VpcEndpointType=wanted.kind,
                ServiceName=wanted.service,
                **arguments,
                **tagged("vpc-endpoint", wanted.tags),
            )

    def _tag(self, change: Change) -> None:
        work: Work = change.data
        with doing(f"tag the {change.resource} ({work.found.endpoint_id})"):
            write_tags(self._client, work.found.endpoint_id, work.found.tags or {}, work.wanted.tags or {})


def _state(item: dict[str, t.Any]) -> str:
    return item.get("State", "available").lower()


def _endpoint(item: dict[str, t.Any]) -> Endpoint:
    return Endpoint(
        service=item["ServiceName"],
        kind=item["VpcEndpointType"],
        route_tables=frozenset(item.get("RouteTableIds") or []),
        subnets=frozenset(item.get("SubnetIds") or []),
        groups=frozenset(group["GroupId"] for group in item.get("Groups") or []),
        private_dns=item["VpcEndpointType"] == INTERFACE and item.get("PrivateDnsEnabled", False),
        tags=tags_of(item),
        endpoint_id=item["VpcEndpointId"],
    )
