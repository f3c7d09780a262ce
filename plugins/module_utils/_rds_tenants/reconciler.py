# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read, plan and apply a list of tenants: those on the shared instance, and those with a dedicated one."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import Finding
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances import (
    checks,
    location,
    residency,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances import model as instances
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances.plan import (
    plan as plan_instances,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances.provisioning import (
    Provisioning,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants import isolation, results
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.checks import check_server
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.dedicated import (
    DedicatedServers,
    DedicatedTenant,
    plan_dedicated,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.model import (
    State,
    Wanted,
    doubtful,
    plan,
    plan_secrets,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.secrets import TenantSecrets
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.shared import (
    Clients,
    Parameters,
    SharedInstance,
)


@dataclasses.dataclass(frozen=True)
class Observed:
    """What was read. Nothing of RDS where no tenant needs it, and nothing of a server that this run doesn't ask."""

    versions: dict[str, str]
    shared: State | None
    instances: instances.State | None
    servers: dict[str, State | None]


class TenantsReconciler:
    """Keep tenants; ``done`` are the names of those that were changed so far."""

    def __init__(
        self,
        parameters: Parameters,
        clients: Clients,
        region: str,
        schemas: list[Wanted],
        tenants: list[DedicatedTenant],
        *,
        enforce: t.Callable[[list[Finding]], None],
        warn: t.Callable[[str], None] = lambda _text: None,
    ):
        """``enforce`` raises PlatformError where findings keep the module from its work."""
        self._warn = warn
        # Tenants that this run leaves as they are, with the reason.
        self.left: dict[str, str] = {}
        self._settled = False
        self._parameters = parameters
        self._region = region
        self._schemas = schemas
        self._tenants = tenants
        self._enforce = enforce
        self._checked = False
        self._renewed: set[str] = set()
        self._observed: Observed | None = None
        self.done: list[str] = []
        self.queries = 0
        self._asks_servers = parameters["part"] in ("all", "databases")
        self._makes_instances = parameters["part"] in ("all", "instances")
        self._clears_secrets = parameters["part"] in ("all", "secrets")
        self._secrets = TenantSecrets(
            clients("secretsmanager"),
            parameters["secret_prefix"],
            parameters["secret_kms_key"],
            {item["region"]: item["kms_key"] for item in parameters["secret_replicas"]},
            {key: str(value) for key, value in parameters["secret_tags"].items()},
            parameters["wait_timeout"],
        )
        self._shared = None
        if self._asks_servers and parameters["host"]:
            self._shared = SharedInstance(parameters, clients, self._secrets)
        self._dedicated_servers = DedicatedServers(parameters, clients, self._secrets, tenants)
        elsewhere = parameters["standby"] if self._makes_instances and tenants else None
        self._provisioning = Provisioning(
            clients,
            [tenant.instance for tenant in tenants],
            region,
            standby=elsewhere["region"] if elsewhere else None,
            forget=self._forget,
            recovery_window=parameters["recovery_window"],
            timeout=parameters["wait_timeout"],
        )

    # Read

    def read(self) -> Observed:
        """Read the secrets, the shared server, the instances and the dedicated servers, as far as this run needs them."""
        entries = self._schemas + [tenant.entry for tenant in self._tenants]
        versions = self._secrets.versions(entries)
        in_full = self._makes_instances and bool(self._tenants)
        found = self._provisioning.read(versions, all_of_it=in_full) if self._needs_rds else None
        if found and not self._settled:
            self._settle(found)
        shared = self._shared.read(entries, versions) if self._shared else None
        if shared:
            self._secrets.ask(doubtful(self._schemas, shared), versions)
        servers = self._read_dedicated(found, versions) if self._tenants and self._asks_servers else {}
        self.queries = self.queries or (self._shared.queries if self._shared else 0) + self._dedicated_servers.queries
        self._observed = Observed(versions, shared, found, servers)
        return self._observed

    def _read_dedicated(self, found: instances.State, versions: dict[str, str]) -> dict[str, State | None]:
        servers = self._dedicated_servers.read(found, versions)
        for tenant in self._tenants:
            server = servers[tenant.name]
            self._secrets.ask(doubtful([tenant.entry], server) if server else [], versions)
        return servers

    def _settle(self, found: instances.State) -> None:
        """Leave the tenants whose instance is in another region, once a run."""
        settled = location.settle(
            [tenant.instance for tenant in self._tenants], found, self._parameters["instance_name_prefix"]
        )
        kept = {wanted.tenant: wanted for wanted in settled.kept}
        for text in [*settled.left.values(), *settled.warnings]:
            self._warn(text)
        self.left, self._settled = settled.left, True
        if not settled.left and not settled.warnings:
            return
        # In place: the servers read the same list.
        self._tenants[:] = [
            dataclasses.replace(tenant, instance=kept[tenant.name]) for tenant in self._tenants if tenant.name in kept
        ]
        self._provisioning.keep([tenant.instance for tenant in self._tenants])

    @property
    def _needs_rds(self) -> bool:
        if not self._asks_servers and not self._makes_instances:
            return False
        return bool(self._tenants) or any(entry.residency is not None for entry in self._schemas)

    # Plan

    def plan(self, observed: Observed) -> list[Change]:
        """Plan the changes. What keeps the first one from being made is checked once, before it."""
        if not self._checked:
            self._enforce(self._findings(observed))
            self._checked = True
        changes = self._plan_shared(observed)
        if self._clears_secrets:
            changes += plan_secrets(self._schemas, observed.versions)
        if observed.instances and self._tenants:
            if self._makes_instances:
                changes += plan_instances([tenant.instance for tenant in self._tenants], observed.instances)
            changes += self._plan_dedicated(observed.servers, observed.instances)
        return changes

    def _plan_shared(self, observed: Observed) -> list[Change]:
        if observed.shared is None:
            return []
        return plan(self._schemas, observed.shared, self._parameters["rotate"], self._renewed)

    def _plan_dedicated(self, servers: dict[str, State | None], state: instances.State) -> list[Change]:
        if not self._asks_servers:
            return []
        return plan_dedicated(self._tenants, servers, state, self._parameters["rotate"], self._renewed)

    def _findings(self, observed: Observed) -> list[Finding]:
        found: list[Finding] = []
        wanted = [tenant.instance for tenant in self._tenants]
        if observed.instances:
            if self._makes_instances:
                found += checks.check_state(wanted, observed.instances, self._region)
            elif missing := [item for item in wanted if item.state != "absent" and not observed.instances.at(item.at)]:
                found += [Finding("not_yet", item.tenant, _missing(item)) for item in missing]
            found += residency.check_dedicated(wanted, observed.instances)
            found += self._residency_of_schemas(observed.instances)
            prefix = self._parameters["instance_name_prefix"]
            here = {name for region, name in observed.instances.instances if region == self._region}
            present = [entry.name for entry in self._schemas if entry.state != "absent"]
            found += isolation.check_returns(present, prefix, here)
        if observed.shared:
            host, rotate = self._parameters["host"], self._parameters["rotate"]
            found += isolation.check_moves([tenant.entry for tenant in self._tenants], observed.shared, host)
            found += check_server(self._schemas, observed.shared, rotate, master=self._shared.master)
        return found + self._findings_of_servers(observed)

    def _findings_of_servers(self, observed: Observed) -> list[Finding]:
        found: list[Finding] = []
        for tenant in self._tenants:
            server, rotate = observed.servers.get(tenant.name), self._parameters["rotate"]
            if server:
                master = observed.instances.at(tenant.instance.at).master_username
                found += check_server([tenant.entry], server, rotate, master=master)
        return found

    def _residency_of_schemas(self, state: instances.State) -> list[Finding]:
        bound = {entry.name: entry.residency for entry in self._schemas if entry.residency is not None}
        shared = state.instances.get((self._region, self._parameters["instance"] or ""))
        if bound and shared is None:
            text = f"There is no DB instance {self._parameters['instance']} in {self._region}, by which residency could be judged."
            return [Finding("wrong", "instance", text)]
        return residency.check_shared(bound, shared, self._region) if bound else []

    # Apply

    def apply(self, changes: list[Change]) -> None:
        """Apply the changes: schemas first, since they take seconds and instances minutes. A secret goes after its user."""
        names = {tenant.name for tenant in self._tenants}
        of_instances = [change for change in changes if isinstance(change.data, instances.Task)]
        others = [change for change in changes if not isinstance(change.data, instances.Task)]
        tenants = [change for change in others if change.kind == "tenant"]
        self._apply_shared([change for change in tenants if change.name not in names])
        self._forget([change.name for change in others if change.kind == "tenant secret"])
        state = self._observed.instances
        if not (state and self._tenants):
            return
        if self._makes_instances:
            state = self._provisioning.apply(of_instances, state)
            self.done += [tenant.name for tenant in self._tenants if tenant.entry.state == "absent"]
        if self._asks_servers:
            self._apply_dedicated([change for change in tenants if change.name in names], state)

    def _apply_shared(self, changes: list[Change]) -> None:
        self._note(changes)
        for names in self._shared.apply([change.data for change in changes]) if changes else ():
            self.done += names

    def _apply_dedicated(self, changes: list[Change], state: instances.State) -> None:
        if state is not self._observed.instances or None in self._observed.servers.values():
            # The instances were changed or waited for: servers that could not be read can be read now.
            servers = self._read_dedicated(state, self._secrets.versions([tenant.entry for tenant in self._tenants]))
            changes = self._plan_dedicated(servers, state)
        self._note(changes)
        done, problems = self._dedicated_servers.apply(changes, state)
        self.done += done
        if problems:
            raise PlatformError(" ".join(problems))

    def _note(self, changes: list[Change]) -> None:
        self._renewed.update(change.name for change in changes if change.data.secret or change.data.password)

    def _forget(self, names: list[str]) -> None:
        everybody = [*self._schemas, *(tenant.entry for tenant in self._tenants)]
        gone = [entry for entry in everybody if entry.name in names]
        self._secrets.remove(gone, self._parameters["recovery_window"])

    # Result

    def tenants(self, observed: Observed) -> list[dict[str, t.Any]]:
        """Describe the tenants that are there."""
        prefix = self._parameters["secret_prefix"]
        found = [results.of_schema(entry, observed.shared, prefix) for entry in self._schemas]
        for tenant in self._tenants:
            server = observed.servers.get(tenant.name)
            found.append(results.of_dedicated(tenant, observed.instances, server, prefix))
        return [item for item in found if item]


def _missing(item: instances.Wanted) -> str:
    return f"{item.tenant} has no instance {item.at.label} yet. Fix: run with part instances, or all, first."
