# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Describe tenants for results. Pure functions; no secret's value is known here."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances import model as instances
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances.handover import (
    aws_cli,
    terraform,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.dedicated import DedicatedTenant
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.model import State, Wanted


def of_schema(entry: Wanted, state: State | None, secret_prefix: str) -> dict[str, t.Any] | None:
    """Describe a tenant that has a user in a server that was read."""
    user = state.users.get(entry.user) if state else None
    if user is None:
        return None
    return {
        "name": entry.name,
        "isolation": "schema",
        "schema": entry.schema,
        "user": entry.user,
        "secret": f"{secret_prefix}{entry.secret}",
        "locked": user.settings["locked"],
        "two_passwords": user.two_passwords,
    }


def of_dedicated(
    tenant: DedicatedTenant, state: instances.State | None, server: State | None, secret_prefix: str
) -> dict[str, t.Any] | None:
    """Describe a tenant with a dedicated instance, as far as it is there."""
    found = state.at(tenant.instance.at) if state else None
    if found is None:
        return None
    replica = state.at(tenant.instance.replica)
    there = [found, replica] if replica else [found]
    inside = of_schema(tenant.entry, server, secret_prefix) or {"name": tenant.name}
    return inside | {
        "isolation": "instance",
        "master_secret": tenant.instance.master_secret,
        "instance": _described(found),
        "replica": _described(replica) if replica else None,
        "terraform": "\n".join(terraform(tenant.name, item, tenant.instance.at.region) for item in there),
        "aws_cli": [aws_cli(item) for item in there],
    }


def _described(found: instances.Instance) -> dict[str, t.Any]:
    return {
        "identifier": found.identifier,
        "arn": found.arn,
        "region": found.region,
        "status": found.status,
        "endpoint": found.endpoint,
        "port": found.port,
        "parameter_group": found.parameter_group,
        "reboot_pending": found.parameter_status == "pending-reboot",
    }
