# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Connect to the API and to the MySQL server of each region, with the time-outs that the mode of a failover needs."""

from __future__ import annotations

import functools
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import RegionalClients
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.connection import connector
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.credentials import read_login
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.databases import Database
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.dependencies import Dependencies
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.engine import Engine
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.journal_store import JournalStore
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.rds import Rds
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_record.store import RecordStore

_API_TIMEOUT = 10
_CONNECT_TIMEOUT = 5


class Apis:
    """Clients by region. A region that may be lost has ``O(lost_timeout)``; the target region has longer."""

    def __init__(self, module: t.Any, regions: t.Sequence[str]):
        self.parameters = module.params
        target, mode = module.params["target_region"], module.params["mode"]
        patient = RegionalClients(module, read_timeout=_API_TIMEOUT)
        # A call that must not be repeated unseen.
        once = RegionalClients(module, max_attempts=0, read_timeout=_API_TIMEOUT)
        brief = patient
        if mode != "planned":
            lost = module.params["lost_timeout"]
            brief = RegionalClients(module, max_attempts=0, read_timeout=lost, connect_timeout=lost)
        # Created here: several threads may use a client, but not create one.
        self._clients = {
            (service, region): (patient if region == target else brief).client(service, region)
            for service, places in (("dynamodb", regions), ("rds", regions), ("secretsmanager", [target]))
            for region in places
        }
        self.promoting = once.client("rds", target)

    def client(self, service: str, region: str) -> t.Any:
        """Return the client of a service in a region."""
        return self._clients[service, region]


class Connections:
    """What one database is read and changed by."""

    def __init__(self, apis: Apis, database: Database):
        self._apis = apis
        self._parameters = apis.parameters
        self._database = database
        self._wanted = database.wanted
        self._engines: dict[tuple[str, str], Engine] = {}

    def dependencies(self, warn: t.Callable[[str], None]) -> Dependencies:
        """Return what the steps of a failover work with."""
        table, name = self._parameters["table"], self._database.name
        return Dependencies(
            journals=lambda region: JournalStore(self._apis.client("dynamodb", region), table, region, name),
            records=lambda regions: RecordStore(
                lambda region: self._apis.client("dynamodb", region), table, regions, name
            ),
            regions=sorted(self._wanted.instances),
            rds=self._rds,
            engine=self._engine,
            secrets=lambda: self._apis.client("secretsmanager", self._wanted.target_region),
            warn=warn,
        )

    def _rds(self, region: str) -> Rds:
        identifier = self._wanted.identifier(region)
        return Rds(self._apis.client("rds", region), region, identifier, self._apis.promoting)

    @functools.cached_property
    def _login(self) -> tuple[str, str]:
        secrets = self._apis.client("secretsmanager", self._wanted.target_region)
        return read_login(secrets, self._database.admin_secret)

    def _engine(self, region: str, endpoint: str) -> Engine:
        """Return the server's engine, the same one as long as the module runs."""
        if (region, endpoint) not in self._engines:
            self._engines[region, endpoint] = self._new_engine(region, endpoint)
        return self._engines[region, endpoint]

    def _new_engine(self, region: str, endpoint: str) -> Engine:
        parameters = self._parameters
        may_be_lost = self._wanted.mode != "planned" and region != self._wanted.target_region
        connect = connector(
            endpoint,
            parameters["port"],
            self._database.addresses.get(region) or parameters["addresses"].get(endpoint),
            parameters["tls_ca"],
            connect_timeout=parameters["lost_timeout"] if may_be_lost else _CONNECT_TIMEOUT,
            read_timeout=max(parameters["barrier_timeout"], parameters["fence_timeout"]) + 30,
        )
        user = self._login[0]
        place = f"{self._wanted.identifier(region)} in {region}"
        return Engine(lambda: connect(*self._login), user, place, parameters["heartbeat_schema"])
