# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Connect to the API and to the MySQL server of each region, with the time-outs that the mode of a failover needs."""

from __future__ import annotations

import functools
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import RegionalClients
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.connection import connector
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.credentials import read_login
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.dependencies import Dependencies
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.engine import Engine
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.journal_store import JournalStore
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.model import Wanted
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.rds import Rds
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_record.store import RecordStore

_API_TIMEOUT = 10
_CONNECT_TIMEOUT = 5


class Connections:
    """Clients and MySQL sessions by region. A region that may be lost has ``O(lost_timeout)``; the target region has longer."""

    def __init__(self, module: t.Any, wanted: Wanted):
        self._parameters = module.params
        self._engines: dict[tuple[str, str], Engine] = {}
        self._wanted = wanted
        self._patient = RegionalClients(module, read_timeout=_API_TIMEOUT)
        # A call that must not be repeated unseen.
        self._once = RegionalClients(module, max_attempts=0, read_timeout=_API_TIMEOUT)
        self._brief = self._patient
        if wanted.mode != "planned":
            lost = module.params["lost_timeout"]
            self._brief = RegionalClients(module, max_attempts=0, read_timeout=lost, connect_timeout=lost)

    def dependencies(self, warn: t.Callable[[str], None]) -> Dependencies:
        """Return what the steps of a failover work with."""
        table = self._parameters["table"]
        return Dependencies(
            journals=lambda region: JournalStore(self._client("dynamodb", region), table, region),
            records=lambda regions: RecordStore(lambda region: self._client("dynamodb", region), table, regions),
            regions=sorted(self._wanted.instances),
            rds=self._rds,
            engine=self._engine,
            secrets=lambda: self._client("secretsmanager"),
            warn=warn,
        )

    def _rds(self, region: str) -> Rds:
        identifier = self._wanted.identifier(region)
        return Rds(self._client("rds", region), region, identifier, self._once.client("rds", region))

    def _client(self, service: str, region: str | None = None) -> t.Any:
        region = region or self._wanted.target_region
        return (self._patient if region == self._wanted.target_region else self._brief).client(service, region)

    @functools.cached_property
    def _login(self) -> tuple[str, str]:
        return read_login(self._client("secretsmanager"), self._parameters["admin_secret"])

    def _engine(self, region: str, endpoint: str) -> Engine:
        """Return the server's engine, the same one as long as the module runs."""
        if (region, endpoint) not in self._engines:
            self._engines[region, endpoint] = self._new_engine(region, endpoint)
        return self._engines[region, endpoint]

    def _new_engine(self, region: str, endpoint: str) -> Engine:
        parameters = self._parameters
        addresses = {item["region"]: item["address"] for item in parameters["instances"]}
        may_be_lost = self._wanted.mode != "planned" and region != self._wanted.target_region
        connect = connector(
            endpoint,
            parameters["port"],
            addresses[region],
            parameters["tls_ca"],
            connect_timeout=parameters["lost_timeout"] if may_be_lost else _CONNECT_TIMEOUT,
            read_timeout=max(parameters["barrier_timeout"], parameters["fence_timeout"]) + 30,
        )
        user = self._login[0]
        place = f"{self._wanted.identifier(region)} in {region}"
        return Engine(lambda: connect(*self._login), user, place, parameters["heartbeat_schema"])
