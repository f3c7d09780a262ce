# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Serve what AWS serves inside a VPC, in the namespace of its router: metadata, DNS, and the APIs by TLS on their own names.

A region's API is the same proxy as outside, under the same control file: a region that is cut is cut in here too.
"""

from __future__ import annotations

import asyncio
import json
import signal
import ssl
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from lab.dns.files import Watched
from lab.proxy import RegionProxy
from lab.runtime.alb.target_probes import Prober
from lab.runtime.control_client import ask
from lab.runtime.ec2 import dns, imds
from lab.runtime.vpc.endpoints import METADATA, RESOLVER


@dataclass(frozen=True)
class RegionApi:
    """Where one region's API is found, and what it shows of itself."""

    address: str
    backend: str
    control: str
    certificate: str
    key: str


@dataclass(frozen=True)
class Services:
    """What the services of one VPC need to know."""

    network: str
    region: str
    cidr: str
    resolver: str
    control_socket: str
    database_names: str
    zones: str
    apis: dict[str, RegionApi]

    def as_argument(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_argument(cls, argument: str) -> Services:
        given = json.loads(argument)
        return cls(**given | {"apis": {region: RegionApi(**api) for region, api in given["apis"].items()}})


def _region_proxy(api: RegionApi) -> RegionProxy:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(api.certificate, api.key)
    return RegionProxy([(api.address, 443)], Path(api.backend), Path(api.control), tls)


def _addresses(hosts: dict[str, dict]) -> dict[str, str]:
    return {name: host["address"] for name, host in hosts.items()}


async def _main() -> None:
    services = Services.from_argument(sys.argv[1])
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)

    def question(address: str) -> dict:
        return {"region": services.region, "network": services.network, "address": address}

    control = Path(services.control_socket)
    metadata = imds.Service(
        facts=lambda address: ask(control, "ec2-metadata", question(address)),
        credentials=lambda address: ask(control, "ec2-credentials", question(address)),
    )
    await imds.serve(metadata, METADATA)
    databases, zones = Watched(Path(services.database_names), {}), Watched(Path(services.zones), {})
    names = dns.Names(
        services.region,
        {region: api.address for region, api in services.apis.items()},
        services.cidr,
        lambda: databases.read()[1] | _addresses(zones.read()[1].get("hosts", {})),
    )
    await dns.serve(names, [RESOLVER, services.resolver])
    here = {"region": services.region, "network": services.network}
    prober = Prober(
        checks=lambda: ask(control, "elb-checks", here),
        report=lambda results: ask(control, "elb-results", here | {"results": results}),
    )
    await asyncio.gather(prober.run(stop), *(_region_proxy(api).run(stop) for api in services.apis.values()))


if __name__ == "__main__":
    asyncio.run(_main())
