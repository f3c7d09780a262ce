# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read and write NAT gateways and their addresses, several at the same time; the client is passed in."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import retrying
from ansible_collections.knowledgecity.platform.plugins.module_utils._ec2 import (
    in_vpc,
    tagged,
    tags_of,
    waiting,
    write_tags,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import doing
from ansible_collections.knowledgecity.platform.plugins.module_utils._parallel import in_parallel
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change
from ansible_collections.knowledgecity.platform.plugins.module_utils._vpc_nat_gateways.model import (
    ADDRESS,
    Current,
    Found,
    Work,
)

# The address or the subnet may have been created a moment ago.
_EVENTUAL = ("InvalidAllocationID.NotFound", "InvalidElasticIpID.NotFound", "InvalidSubnetID.NotFound")


class NatGatewayStore:
    """The NAT gateways of one VPC, and the region's addresses."""

    def __init__(self, client: t.Any, vpc_id: str, timeout: float, *, wait: bool):
        self._client = client
        self._vpc_id = vpc_id
        self._timeout = timeout
        self._wait = wait

    def read(self, names: t.Sequence[str]) -> Current:
        """Read the addresses and the NAT gateways of these names; of two addresses, the one in use."""
        named = [{"Name": "tag:Name", "Values": sorted(names)}]
        with doing(f"read the NAT gateways of {self._vpc_id} and their addresses"):
            addresses = self._client.describe_addresses(Filters=named)["Addresses"] if names else []
            pages = self._client.get_paginator("describe_nat_gateways").paginate(Filter=in_vpc(self._vpc_id))
            gateways = [item for page in pages for item in page["NatGateways"]]
        in_use_last = sorted(addresses, key=lambda item: (bool(item.get("AssociationId")), item["AllocationId"]))
        living = [item for item in gateways if item["State"] in ("pending", "available")]
        return Current(
            {tags_of(item)["Name"]: Found(item["AllocationId"], tags_of(item)) for item in in_use_last},
            {
                tags_of(item).get("Name", ""): Found(item["NatGatewayId"], tags_of(item), item["State"])
                for item in living
            },
        )

    def apply(self, changes: list[Change]) -> None:
        """Allocate the addresses, then create the NAT gateways with them."""
        created = [change for change in changes if change.action == "create"]
        addresses = [change for change in created if change.kind == ADDRESS]
        allocated = dict(in_parallel(self._allocate, addresses))
        gateways = [change for change in created if change.kind != ADDRESS]
        made = in_parallel(lambda change: self._create(change, allocated), gateways)
        in_parallel(self._tag, [change for change in changes if change.action == "update"])
        if made and self._wait:
            with doing(f"wait for the NAT gateways {', '.join(made)}"):
                waiter = self._client.get_waiter("nat_gateway_available")
                waiter.wait(NatGatewayIds=made, WaiterConfig=waiting(self._timeout))

    def _allocate(self, change: Change) -> tuple[str, str]:
        with doing(f"allocate the {change.resource}"):
            answer = self._client.allocate_address(Domain="vpc", **tagged("elastic-ip", change.data.tags))
        return change.name, answer["AllocationId"]

    def _create(self, change: Change, allocated: dict[str, str]) -> str:
        work: Work = change.data
        create = retrying(self._client.create_nat_gateway, *_EVENTUAL, timeout=self._timeout)
        with doing(f"create the {change.resource} in {work.wanted.subnet_id}"):
            answer = create(
                SubnetId=work.wanted.subnet_id,
                ConnectivityType="public",
                AllocationId=work.address_id or allocated[change.name],
                **tagged("natgateway", work.tags),
            )
        return answer["NatGateway"]["NatGatewayId"]

    def _tag(self, change: Change) -> None:
        work: Work = change.data
        with doing(f"tag the {change.resource} ({work.resource_id})"):
            write_tags(self._client, work.resource_id, change.before["tags"], work.tags)
