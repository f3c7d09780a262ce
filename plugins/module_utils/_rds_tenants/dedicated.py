# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read and change schemas and users on tenants' dedicated instances, one server each."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.connection import connector
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.credentials import read_login
from ansible_collections.knowledgecity.platform.plugins.module_utils._parallel import in_parallel
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances import model as instances
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.model import (
    State,
    Wanted,
    plan,
    plan_unread,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.secrets import TenantSecrets
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.server import TenantServer
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.shared import Clients, Parameters

_AT_ONCE = 4
_SILENT = frozenset({"creating", "starting", "rebooting", "deleting"})


@dataclasses.dataclass(frozen=True)
class DedicatedTenant:
    """A tenant with a dedicated instance: what is wanted in its server, and of RDS."""

    entry: Wanted
    instance: instances.Wanted

    @property
    def name(self) -> str:
        """Return the tenant's name."""
        return self.entry.name


def can_be_asked(tenant: DedicatedTenant, state: instances.State) -> bool:
    """Return whether the server is there, and its master's password is the one in the secret."""
    held, found = state.masters.get(tenant.name), state.at(tenant.instance.at)
    if found is None or found.endpoint is None or found.status in _SILENT or held is None or held.secret is None:
        return False
    return not held.secret.pending_deletion and held.applied == held.secret.version


def plan_dedicated(
    tenants: t.Sequence[DedicatedTenant],
    servers: t.Mapping[str, State | None],
    state: instances.State,
    rotate: str,
    renewed: t.Collection[str],
) -> list[Change]:
    """Plan a change for each tenant that needs one. Of a server that can't be read yet only the result is known."""
    changes: list[Change] = []
    for tenant in tenants:
        entry, server = tenant.entry, servers.get(tenant.name)
        if entry.state == "absent":
            continue
        if server is None:
            changes.append(plan_unread(entry, "adopt" if state.at(tenant.instance.at) else "create"))
        else:
            changes += plan([entry], server, rotate, renewed)
    return changes


class DedicatedServers:
    """The servers of those tenants; ``parameters`` are the module's."""

    def __init__(
        self, parameters: Parameters, clients: Clients, secrets: TenantSecrets, tenants: t.Sequence[DedicatedTenant]
    ):
        self._parameters = parameters
        self._manager = clients("secretsmanager")
        self._secrets = secrets
        self._tenants = tenants
        self.queries = 0

    def read(self, state: instances.State, versions: dict[str, str]) -> dict[str, State | None]:
        """Read what each server holds; None where it can't be read yet."""
        able = [tenant for tenant in self._tenants if tenant.entry.state != "absent" and can_be_asked(tenant, state)]

        def read(tenant: DedicatedTenant) -> State:
            server = self._server(tenant, state)
            found = server.read([tenant.entry], versions)
            self.queries += server.queries
            return found

        found = dict(zip([tenant.name for tenant in able], in_parallel(read, able, _AT_ONCE), strict=True))
        return {tenant.name: found.get(tenant.name) for tenant in self._tenants}

    def apply(self, changes: t.Sequence[Change], state: instances.State) -> tuple[list[str], list[str]]:
        """Apply the changes, several servers at once. Return the names of tenants that are done, and what went wrong."""
        by_name = {tenant.name: tenant for tenant in self._tenants}

        def apply(change: Change) -> tuple[str, str | None]:
            tenant = by_name[change.name]
            try:
                credentials = self._secrets.prepare([change.data], state.at(tenant.instance.at).endpoint)
                for _names in self._server(tenant, state).apply([change.data], credentials):
                    pass
            except PlatformError as error:
                return tenant.name, str(error)
            return tenant.name, None

        results = in_parallel(apply, changes, _AT_ONCE)
        return [name for name, problem in results if not problem], [problem for _name, problem in results if problem]

    def _server(self, tenant: DedicatedTenant, state: instances.State) -> TenantServer:
        found = state.at(tenant.instance.at)
        address = self._parameters["addresses"].get(found.endpoint)
        connect = connector(found.endpoint, found.port, address, self._parameters["tls_ca"])
        return TenantServer(connect, *read_login(self._manager, tenant.instance.master_secret), place=found.endpoint)
