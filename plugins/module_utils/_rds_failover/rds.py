# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read and change one region's DB instance, as far as a failover needs it; the client is passed in."""

from __future__ import annotations

import time
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import (
    PlatformError,
    doing,
    found_or_none,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.model import Instance

_INTERVAL = 0.5
READ_ONLY = "read_only"


class Rds:
    """The DB instance of one region, and its parameter group."""

    def __init__(self, client: t.Any, region: str, identifier: str, once: t.Any = None):
        """``once`` is a client that repeats no call by itself."""
        self._client = client
        self._once = once or client
        self._region = region
        self._identifier = identifier
        self.name = f"{identifier} in {region}"

    def describe(self) -> dict[str, t.Any] | None:
        """Return RDS's description of the instance; None where there is none."""
        answer = found_or_none(
            f"read the DB instance {self.name}",
            lambda: self._client.describe_db_instances(DBInstanceIdentifier=self._identifier),
            "DBInstanceNotFound",
            "DBInstanceNotFoundFault",
        )
        return answer and answer["DBInstances"][0]

    def read(self) -> Instance | None:
        """Read the instance, and read_only in its parameter group."""
        found = self.describe()
        if not found:
            return None
        held = found["DBParameterGroups"][0]
        group = held["DBParameterGroupName"]
        return Instance(
            arn=found["DBInstanceArn"],
            status=found["DBInstanceStatus"],
            endpoint=(found.get("Endpoint") or {}).get("Address", ""),
            port=(found.get("Endpoint") or {}).get("Port", 0),
            source=found.get("ReadReplicaSourceDBInstanceIdentifier") or "",
            parameter_group=group,
            read_only=self.parameter(group),
            security_groups=tuple(item["VpcSecurityGroupId"] for item in found.get("VpcSecurityGroups", [])),
            backup_retention=found.get("BackupRetentionPeriod", 0),
            multi_az=bool(found.get("MultiAZ")),
            parameter_status=held.get("ParameterApplyStatus", "in-sync"),
        )

    def parameter(self, group: str) -> str | None:
        """Read what the user set read_only to; None where RDS's default holds."""
        with doing(f"read the parameter group {group} in {self._region}"):
            pages = self._client.get_paginator("describe_db_parameters").paginate(
                DBParameterGroupName=group, Source="user"
            )
            found = [item for page in pages for item in page["Parameters"] if item["ParameterName"] == READ_ONLY]
        return found[0].get("ParameterValue") if found else None

    def set_read_only(self, group: str, value: str | None) -> None:
        """Set read_only; None restores RDS's default."""
        with doing(f"set {READ_ONLY} in the parameter group {group} in {self._region}"):
            if value is None:
                self._client.reset_db_parameter_group(
                    DBParameterGroupName=group,
                    ResetAllParameters=False,
                    Parameters=[{"ParameterName": READ_ONLY, "ApplyMethod": "immediate"}],
                )
            else:
                parameter = {"ParameterName": READ_ONLY, "ParameterValue": value, "ApplyMethod": "immediate"}
                self._client.modify_db_parameter_group(DBParameterGroupName=group, Parameters=[parameter])

    def set_security_groups(self, groups: t.Sequence[str], deadline: float) -> None:
        """Set the security groups, and wait until they are active."""
        with doing(f"set the security groups of {self.name}"):
            self._client.modify_db_instance(
                DBInstanceIdentifier=self._identifier, VpcSecurityGroupIds=list(groups), ApplyImmediately=True
            )

        def active() -> bool:
            found = self.describe() or {}
            held = {item["VpcSecurityGroupId"]: item["Status"] for item in found.get("VpcSecurityGroups", [])}
            return set(held) == set(groups) and set(held.values()) == {"active"}

        self._wait("have its security groups", active, deadline)

    def ask_to_promote(self) -> None:
        """Ask for the promotion, in one request: a repeated one would be refused while the first is under way."""
        with doing(f"promote the replica {self.name}"):
            self._once.promote_read_replica(DBInstanceIdentifier=self._identifier)

    def _wait(self, what: str, is_done: t.Callable[[], bool], deadline: float) -> None:
        while not is_done():
            if time.monotonic() >= deadline:
                raise PlatformError(f"{self.name} took too long to {what}. Fix: run again to wait longer.")
            time.sleep(_INTERVAL)
