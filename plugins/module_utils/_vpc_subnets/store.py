# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read and write the subnets of a VPC, several at the same time; the client is passed in."""

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
from ansible_collections.knowledgecity.platform.plugins.module_utils._vpc_subnets.model import Subnet, Work


class SubnetStore:
    """The subnets of one VPC."""

    def __init__(self, client: t.Any, vpc_id: str, wait_timeout: float):
        self._client = client
        self._vpc_id = vpc_id
        self._wait_timeout = wait_timeout

    def read(self) -> dict[str, Subnet]:
        """Read the subnets by address range."""
        with doing(f"read the subnets of {self._vpc_id}"):
            pages = self._client.get_paginator("describe_subnets").paginate(Filters=in_vpc(self._vpc_id))
            return {found["CidrBlock"]: _subnet(found) for page in pages for found in page["Subnets"]}

    def apply(self, changes: list[Change]) -> None:
        """Apply changes, several subnets at the same time."""
        created = in_parallel(self._create, [change for change in changes if change.action == "create"])
        if created:
            with doing(f"wait for the new subnets of {self._vpc_id}"):
                waiter = self._client.get_waiter("subnet_available")
                waiter.wait(SubnetIds=created, WaiterConfig=waiting(self._wait_timeout))
        in_parallel(self._update, [change for change in changes if change.action == "update"])
        in_parallel(self._delete, [change for change in changes if change.action == "delete"])

    def _create(self, change: Change) -> str:
        wanted: Subnet = change.data.wanted
        zone = {"AvailabilityZone": wanted.zone} if wanted.zone else {}
        with doing(f"create the {change.resource} in {self._vpc_id}"):
            answer = self._client.create_subnet(
                VpcId=self._vpc_id, CidrBlock=wanted.cidr, **zone, **tagged("subnet", wanted.tags)
            )
            subnet_id = answer["Subnet"]["SubnetId"]
            if wanted.map_public_ip:
                self._map_public_ip(subnet_id, True)
        return subnet_id

    def _map_public_ip(self, subnet_id: str, value: bool) -> None:
        # AWS may not know a new subnet everywhere yet.
        modify = retrying(self._client.modify_subnet_attribute, "InvalidSubnetID.NotFound", timeout=self._wait_timeout)
        modify(SubnetId=subnet_id, MapPublicIpOnLaunch={"Value": value})

    def _update(self, change: Change) -> None:
        work: Work = change.data
        found, wanted = work.found, work.wanted
        with doing(f"update the {change.resource} ({found.subnet_id})"):
            if found.map_public_ip != wanted.map_public_ip:
                self._map_public_ip(found.subnet_id, wanted.map_public_ip)
            write_tags(self._client, found.subnet_id, found.tags or {}, wanted.tags or {})

    def _delete(self, change: Change) -> None:
        subnet_id = change.data.found.subnet_id
        # Network interfaces of load balancers and endpoints stay a while after those are gone.
        delete = retrying(self._client.delete_subnet, "DependencyViolation", timeout=self._wait_timeout)
        with doing(f"delete the {change.resource} ({subnet_id})"):
            delete(SubnetId=subnet_id)


def _subnet(found: dict[str, t.Any]) -> Subnet:
    tags = tags_of(found)
    return Subnet(
        name=tags.get("Name", ""),
        cidr=found["CidrBlock"],
        zone=found["AvailabilityZone"],
        map_public_ip=found.get("MapPublicIpOnLaunch", False),
        tags=tags,
        subnet_id=found["SubnetId"],
    )
