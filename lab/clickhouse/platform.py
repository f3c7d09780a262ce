# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Start the ClickHouse server of the platform of inventories/lab: in its VPC, under its tier's role, with its bucket."""

from __future__ import annotations

import yaml

from lab import administrator
from lab.clickhouse.configuration import Collection
from lab.clickhouse.lifecycle import ClickHouseServer
from lab.processes import ProcessError
from lab.runtime.control_client import ask
from lab.settings import CHECKOUT
from lab.stack import Stack

_PLATFORM = CHECKOUT / "inventories" / "lab" / "group_vars" / "all" / "platform.yml"


def server(stack: Stack, region: str) -> ClickHouseServer:
    """Return the region's server, started or not. Raises ProcessError where the region has no network yet."""
    return ClickHouseServer(stack, region, _network(stack, region))


def start(stack: Stack, region: str) -> ClickHouseServer:
    """Start it and wait until it listens; nothing where it runs already. Raises ProcessError."""
    started = server(stack, region)
    bucket = f"{_prefix()}-{region}-storage-backups"
    backups = Collection("backups", f"https://{bucket}.s3.{region}.amazonaws.com/clickhouse/")
    question = {"region": region, "cluster": f"{_prefix()}-{region}-main", "role": f"{_prefix()}-{region}-clickhouse"}
    started.start([backups], role=ask(stack.settings.control_socket, "pod-credentials", question))
    return started


def _prefix() -> str:
    platform = yaml.safe_load(_PLATFORM.read_text())
    return f"{platform['platform_name']}-{platform['platform_environment']}"


def _network(stack: Stack, region: str) -> str:
    name = f"{_prefix()}-{region}-network"
    found = administrator.client(stack, "ec2", region).describe_vpcs(Filters=[{"Name": "tag:Name", "Values": [name]}])[
        "Vpcs"
    ]
    if not found:
        raise ProcessError(f"{region} has no VPC {name} for ClickHouse to stand in. Fix: make site")
    return found[0]["VpcId"]
