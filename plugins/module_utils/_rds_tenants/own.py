# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Schemas and users on tenants' own instances, one server each."""

from __future__ import annotations

import dataclasses
import typing as t
from concurrent.futures import ThreadPoolExecutor

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.connection import connector
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.credentials import read_login
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances import model as instances
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.model import State, Step, Wanted, plan
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.secrets import TenantSecrets
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.server import TenantServer
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.shared import Clients, Parameters

_AT_ONCE = 4
_SILENT = frozenset({"creating", "starting", "rebooting", "deleting"})


@dataclasses.dataclass(frozen=True)
class Own:
    """A tenant with its instance: what is wanted in the server, and of RDS."""

    entry: Wanted
    instance: instances.Wanted


def can_be_asked(own: Own, state: instances.State) -> bool:
    """Whether the server is there, and its master's password is the one in the secret."""
    held, found = state.masters.get(own.entry.name), state.at(own.instance.at)
    if found is None or found.endpoint is None or found.status in _SILENT or held is None or held.secret is None:
        return False
    return not held.secret.doomed and held.applied == held.secret.version


def plan_own(
    tenants: t.Sequence[Own],
    servers: t.Mapping[str, State | None],
    state: instances.State,
    rotate: str,
    renewed: t.Collection[str],
) -> list[Step]:
    """A step for each tenant that needs one. Of a server that can't be asked yet only the end is known."""
    steps: list[Step] = []
    for own in tenants:
        entry, seen = own.entry, servers.get(own.entry.name)
        if entry.state == "absent":
            continue
        if seen is None:
            action = "adopt" if state.at(own.instance.at) else "create"
            steps.append(Step(action, f"tenant {entry.name}", None, entry.settings, wanted=entry))
        else:
            steps += plan([entry], seen, rotate, renewed)
    return steps


class OwnServers:
    """The servers of those tenants; ``parameters`` are the module's."""

    def __init__(self, parameters: Parameters, clients: Clients, secrets: TenantSecrets, tenants: t.Sequence[Own]):
        self._parameters = parameters
        self._manager = clients("secretsmanager")
        self._secrets = secrets
        self._tenants = tenants
        self.queries = 0

    def read(self, state: instances.State, versions: dict[str, str]) -> dict[str, State | None]:
        """What each server holds; None of those that can't be asked yet."""
        able = [own for own in self._tenants if own.entry.state != "absent" and can_be_asked(own, state)]

        def look(own: Own) -> State:
            server = self._server(own, state)
            found = server.read([own.entry], versions)
            self.queries += server.queries
            return found

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            found = dict(zip([own.entry.name for own in able], pool.map(look, able), strict=True))
        return {own.entry.name: found.get(own.entry.name) for own in self._tenants}

    def apply(self, steps: t.Sequence[Step], state: instances.State) -> tuple[list[str], list[str]]:
        """Carry the steps out, some servers at once; the names of tenants that are done, and what went wrong."""
        by_name = {own.entry.name: own for own in self._tenants}

        def carry_out(step: Step) -> tuple[str, str | None]:
            own = by_name[step.wanted.name]
            try:
                credentials = self._secrets.prepare([step], state.at(own.instance.at).endpoint)
                for _names in self._server(own, state).apply([step], credentials):
                    pass
            except PlatformError as error:
                return own.entry.name, str(error)
            return own.entry.name, None

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            results = list(pool.map(carry_out, steps))
        return [name for name, problem in results if not problem], [problem for _name, problem in results if problem]

    def _server(self, own: Own, state: instances.State) -> TenantServer:
        found = state.at(own.instance.at)
        address = self._parameters["addresses"].get(found.endpoint)
        connect = connector(found.endpoint, found.port, address, self._parameters["tls_ca"])
        return TenantServer(connect, *read_login(self._manager, own.instance.master_secret), place=found.endpoint)
