# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A run over a list of tenants: those of the shared instance, and those with one of their own."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import Finding
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances import checks, residency
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances import model as instances
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances.plan import (
    plan as plan_instances,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances.provisioning import (
    Provisioning,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants import isolation, results
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.model import (
    State,
    Step,
    Wanted,
    plan,
    plan_secrets,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.own import Own, OwnServers, plan_own
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.secrets import TenantSecrets
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.shared import (
    Clients,
    Parameters,
    SharedInstance,
)


@dataclasses.dataclass(frozen=True)
class Seen:
    """What was read. Nothing of RDS where no tenant needs it, nothing of a server that this run doesn't ask."""

    versions: dict[str, str]
    shared: State | None
    instances: instances.State | None
    servers: dict[str, State | None]


class Work:
    """What the module does in its steps, and how far it got."""

    def __init__(
        self, parameters: Parameters, clients: Clients, region: str, schemas: list[Wanted], tenants: list[Own]
    ):
        self._parameters = parameters
        self._region = region
        self._schemas = schemas
        self._tenants = tenants
        self._renewed: set[str] = set()
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
        )
        self._shared = None
        if self._asks_servers and parameters["host"]:
            self._shared = SharedInstance(parameters, clients, self._secrets)
        self._own_servers = OwnServers(parameters, clients, self._secrets, tenants)
        elsewhere = parameters["standby"] if self._makes_instances and tenants else None
        self._provisioning = Provisioning(
            clients,
            [own.instance for own in tenants],
            region,
            standby=elsewhere["region"] if elsewhere else None,
            forget=self._forget,
            recovery_window=parameters["recovery_window"],
            timeout=parameters["wait_timeout"],
        )

    # House rule: read, plan, apply

    def read(self) -> Seen:
        versions = self._secrets.versions()
        in_full = self._makes_instances and bool(self._tenants)
        found = self._provisioning.read(versions, all_of_it=in_full) if self._needs_rds else None
        shared = (
            self._shared.read(self._schemas + [own.entry for own in self._tenants], versions) if self._shared else None
        )
        servers = self._own_servers.read(found, versions) if self._tenants and self._asks_servers else {}
        self.queries = self.queries or (self._shared.queries if self._shared else 0) + self._own_servers.queries
        return Seen(versions, shared, found, servers)

    @property
    def _needs_rds(self) -> bool:
        if not self._asks_servers and not self._makes_instances:
            return False
        return bool(self._tenants) or any(entry.residency is not None for entry in self._schemas)

    def findings(self, seen: Seen) -> list[Finding]:
        """What is in the way of the first change."""
        found: list[Finding] = []
        wanted = [own.instance for own in self._tenants]
        if seen.instances:
            if self._makes_instances:
                found += checks.check_state(wanted, seen.instances, self._region)
            elif missing := [item for item in wanted if item.state != "absent" and not seen.instances.at(item.at)]:
                found += [Finding("not_yet", item.tenant, _missing(item)) for item in missing]
            found += residency.check_own(wanted, seen.instances)
            found += self._residency_of_schemas(seen.instances)
            prefix = self._parameters["instance_name_prefix"]
            here = {name for region, name in seen.instances.instances if region == self._region}
            present = [entry.name for entry in self._schemas if entry.state != "absent"]
            found += isolation.check_returns(present, prefix, here)
        if seen.shared:
            host = self._parameters["host"]
            found += isolation.check_moves([own.entry for own in self._tenants], seen.shared, host)
        return found

    def _residency_of_schemas(self, state: instances.State) -> list[Finding]:
        bound = {entry.name: entry.residency for entry in self._schemas if entry.residency is not None}
        shared = state.instances.get((self._region, self._parameters["instance"] or ""))
        if bound and shared is None:
            text = f"There is no DB instance {self._parameters['instance']} in {self._region}, by which residency could be judged."
            return [Finding("wrong", "instance", text)]
        return residency.check_shared(bound, shared, self._region) if bound else []

    def plan(self, seen: Seen) -> list[Change]:
        steps: list[Change] = list(self._plan_shared(seen))
        if self._clears_secrets:
            steps += plan_secrets(self._schemas, seen.versions)
        if seen.instances and self._tenants:
            if self._makes_instances:
                steps += plan_instances([own.instance for own in self._tenants], seen.instances)
            steps += self._plan_own(seen)
        return steps

    def _plan_shared(self, seen: Seen) -> list[Step]:
        if seen.shared is None:
            return []
        return plan(self._schemas, seen.shared, self._parameters["rotate"], self._renewed)

    def _plan_own(self, seen: Seen) -> list[Step]:
        if not self._asks_servers:
            return []
        return plan_own(self._tenants, seen.servers, seen.instances, self._parameters["rotate"], self._renewed)

    def apply(self, _steps: list[Change], seen: Seen) -> None:
        """Schemas first: they take seconds, instances minutes. A secret goes after who uses it."""
        if seen.shared:
            steps = self._plan_shared(seen)
            self._note(steps)
            for names in self._shared.apply(steps):
                self.done += names
        if self._clears_secrets:
            self._forget([step.wanted.name for step in plan_secrets(self._schemas, seen.versions)])
        if not (seen.instances and self._tenants):
            return
        state = self._provisioning.carry_out(seen.instances) if self._makes_instances else seen.instances
        self.done += [own.entry.name for own in self._tenants if own.entry.state == "absent" and self._makes_instances]
        if self._asks_servers:
            self._apply_own(dataclasses.replace(seen, instances=state))

    def _apply_own(self, seen: Seen) -> None:
        versions = self._secrets.versions()
        steps = self._plan_own(dataclasses.replace(seen, servers=self._own_servers.read(seen.instances, versions)))
        self._note(steps)
        done, problems = self._own_servers.apply(steps, seen.instances)
        self.done += done
        if problems:
            raise PlatformError(" ".join(problems))

    def _note(self, steps: list[Step]) -> None:
        self._renewed.update(step.wanted.name for step in steps if step.secret)

    def _forget(self, names: list[str]) -> None:
        everybody = [*self._schemas, *(own.entry for own in self._tenants)]
        gone = [entry for entry in everybody if entry.name in names]
        self._secrets.remove(gone, self._parameters["recovery_window"])

    # What may be told

    def tenants(self, seen: Seen) -> list[dict[str, t.Any]]:
        """Those that are there."""
        prefix = self._parameters["secret_prefix"]
        told = [results.of_schema(entry, seen.shared, prefix) for entry in self._schemas]
        for own in self._tenants:
            server = seen.servers.get(own.entry.name)
            told.append(results.of_instance(own, seen.instances, server, prefix))
        return [item for item in told if item]


def _missing(item: instances.Wanted) -> str:
    return f"{item.tenant} has no instance {item.at.label} yet: run with part instances, or all, first."
