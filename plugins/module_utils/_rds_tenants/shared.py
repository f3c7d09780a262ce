# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read and change tenants with a schema on the shared instance."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.connection import connector
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.credentials import read_login
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants import snapshot
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.model import State, Task, Wanted
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.secrets import TenantSecrets
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.server import TenantServer

Parameters = dict[str, t.Any]
Clients = t.Callable[..., t.Any]  # by service, and region if not the module's


class SharedInstance:
    """The server of the shared instance; ``parameters`` are the module's."""

    def __init__(self, parameters: Parameters, clients: Clients, secrets: TenantSecrets):
        self._parameters = parameters
        self._clients = clients
        self._secrets = secrets
        host = parameters["host"]
        connect = connector(host, parameters["port"], parameters["address"], parameters["tls_ca"])
        login = read_login(clients("secretsmanager"), parameters["admin_secret"])
        self._server = TenantServer(connect, *login, place=host)

    @property
    def queries(self) -> int:
        """Return how many queries were sent so far."""
        return self._server.queries

    @property
    def master(self) -> str:
        """Return the name of the user that changes the tenants."""
        return self._server.master

    def read(self, entries: t.Sequence[Wanted], versions: dict[str, str]) -> State:
        """Read these tenants."""
        return self._server.read(entries, versions)

    def survey(self, prefix: str, entries: t.Sequence[Wanted], versions: dict[str, str]) -> State:
        """Read these tenants, and all others whose name begins with the prefix."""
        return self._server.survey(prefix, entries, versions)

    def apply(self, tasks: t.Sequence[Task]) -> t.Iterator[list[str]]:
        """Execute the tasks, and yield the names of tenants as they are done. Take the final snapshot before a removal."""
        parameters = self._parameters
        if any(task.remove for task in tasks):
            timeout = parameters["wait_timeout"]
            snapshot.take(self._clients("rds"), parameters["instance"], parameters["final_snapshot"], timeout)
        yield from self._server.apply(tasks, self._secrets.prepare(tasks, parameters["host"]))
