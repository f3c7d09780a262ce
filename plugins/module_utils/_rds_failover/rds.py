# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read and change one region's DB instance, as far as a failover needs it; the client is passed in."""

from __future__ import annotations

import time
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import (
    PlatformError,
    doing,
    error_code,
    found_or_none,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.model import Instance

_INTERVAL = 0.5
READ_ONLY = "read_only"


# Codes of a promotion that was not begun: the replica is backed up or changed at the moment, or the run may not promote.
_REFUSALS = (
    "AccessDenied",
    "AccessDeniedException",
    "InvalidDBInstanceState",
    "InvalidDBInstanceStateFault",
    "UnauthorizedOperation",
)


class RefusedError(PlatformError):
    """RDS did not begin what it was asked for."""


class Rds:
    """The DB instance of one region, and its parameter group."""

    def __init__(self, client: t.Any, region: str, identifier: str):
        self._client = client
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
        group = found["DBParameterGroups"][0]["DBParameterGroupName"]
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

    def promote(self) -> None:
        """Ask for the promotion, unless the instance is no replica any more."""
        found = self.describe()
        if not found:
            raise PlatformError(f"The DB instance {self.name} is gone: there is nothing to promote.")
        if found.get("ReadReplicaSourceDBInstanceIdentifier"):
            try:
                with doing(f"promote the replica {self.name}"):
                    self._client.promote_read_replica(DBInstanceIdentifier=self._identifier)
            except PlatformError as failure:
                if error_code(failure.__cause__) in _REFUSALS:
                    raise RefusedError(str(failure)) from failure
                raise

    def wait_promoted(self, deadline: float) -> None:
        """Wait until the instance is promoted and available."""

        def promoted() -> bool:
            found = self.describe() or {}
            return found.get("DBInstanceStatus") == "available" and not found.get(
                "ReadReplicaSourceDBInstanceIdentifier"
            )

        self._wait("be promoted", promoted, deadline)

    def _wait(self, what: str, is_done: t.Callable[[], bool], deadline: float) -> None:
        while not is_done():
            if time.monotonic() >= deadline:
                raise PlatformError(f"{self.name} took too long to {what}. Fix: run again to wait longer.")
            time.sleep(_INTERVAL)
