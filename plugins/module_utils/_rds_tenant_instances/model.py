# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Model tenants' dedicated instances, as wanted and as RDS describes them. No client in here.

Attributes have RDS's names, so that what is asked for, described and modified can be compared as it is.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_master_secret import model as master
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_parameters import Known

# An instance in one of these states answers, can be modified, and can get a replica.
READY = frozenset({"available", "storage-optimization", "storage-config-upgrade"})
# It answers, and takes no change until the backup is done. A new one is backed up before it is available.
BACKING_UP = "backing-up"
# These states end by themselves.
UNDER_WAY = frozenset(
    {
        "backtracking",
        BACKING_UP,
        "configuring-enhanced-monitoring",
        "configuring-iam-database-auth",
        "configuring-log-exports",
        "converting-to-vpc",
        "creating",
        "deleting",
        "maintenance",
        "modifying",
        "moving-to-vpc",
        "rebooting",
        "renaming",
        "resetting-master-credentials",
        "starting",
        "upgrading",
    }
)

Key = tuple[str, str]  # region, and a name that is unique in it


@dataclasses.dataclass(frozen=True)
class Place:
    """Where an instance is, and its settings for that region. Empty ``subnets`` or ``security_groups`` are not stated."""

    region: str
    identifier: str
    kms_key: str | None = None
    subnets: tuple[str, ...] = ()
    security_groups: tuple[str, ...] = ()
    monitoring_role_arn: str | None = None
    backup_window: str | None = None

    @property
    def key(self) -> Key:
        """Identify it in a state."""
        return self.region, self.identifier

    @property
    def label(self) -> str:
        """Name it in messages."""
        return f"{self.identifier} in {self.region}"


@dataclasses.dataclass(frozen=True)
class Wanted:
    """The dedicated instance of a tenant.

    ``stated`` is kept up; ``for_new`` holds what else a new instance begins with. ``replica_stated``: the tenant itself asks for
    a replica or for none; None leaves it to the defaults of all tenants.
    """

    tenant: str
    state: str
    at: Place
    replica: Place | None = None
    stated: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    for_new: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    parameters: dict[str, str] = dataclasses.field(default_factory=dict)
    purge_parameters: bool = False
    family: str = "mysql8.4"
    engine_version: str = "8.4"
    master_username: str = "platform_admin"
    master_secret: str = ""
    protected: bool = False
    residency: frozenset[str] | None = None
    replica_stated: bool | None = None
    final_snapshot: str | None = None
    tags: dict[str, str] = dataclasses.field(default_factory=dict)
    # Where the instance may be besides: the place of a replica in the standby region, whether one is wanted or not.
    elsewhere: Place | None = None

    @property
    def places(self) -> list[Place]:
        """Return where the instance and its replica are."""
        return [self.at, self.replica] if self.replica else [self.at]

    def allows(self, region: str) -> bool:
        """Return whether the tenant's data may be in a region."""
        return self.residency is None or region in self.residency


@dataclasses.dataclass(frozen=True)
class Instance:
    """A DB instance. ``values`` are the attributes that can be modified."""

    identifier: str
    arn: str
    region: str
    status: str
    endpoint: str | None = None
    port: int = 3306
    engine: str = "mysql"
    encrypted: bool = True
    kms_key: str | None = None
    master_username: str = ""
    managed_password: bool = False
    subnet_group: str = ""
    parameter_status: str = "in-sync"
    source: str | None = None
    replicas: tuple[str, ...] = ()
    backup_regions: tuple[str, ...] = ()
    tags: dict[str, str] = dataclasses.field(default_factory=dict)
    values: dict[str, t.Any] = dataclasses.field(default_factory=dict)

    @property
    def ready(self) -> bool:
        """Return whether it answers, and can be modified."""
        return self.status in READY

    @property
    def parameter_group(self) -> str:
        """Return the name of its parameter group."""
        return self.values["DBParameterGroupName"]


@dataclasses.dataclass(frozen=True)
class ParameterGroup:
    """A parameter group, with the parameters that were set by a user."""

    family: str
    parameters: dict[str, str]


@dataclasses.dataclass(frozen=True)
class State:
    """What was read, in all regions that matter.

    ``types`` says of each parameter of a family what RDS takes. ``keys`` are ARNs by region and stated name, None
    where there is no such key. ``snapshots`` are the states of final snapshots.
    """

    instances: dict[Key, Instance] = dataclasses.field(default_factory=dict)
    parameter_groups: dict[Key, ParameterGroup] = dataclasses.field(default_factory=dict)
    subnet_groups: dict[Key, frozenset[str]] = dataclasses.field(default_factory=dict)
    types: dict[str, dict[str, Known]] = dataclasses.field(default_factory=dict)
    keys: dict[Key, str | None] = dataclasses.field(default_factory=dict)
    snapshots: dict[str, str] = dataclasses.field(default_factory=dict)
    masters: dict[str, master.State] = dataclasses.field(default_factory=dict)
    secrets: dict[str, str] = dataclasses.field(default_factory=dict)

    def at(self, place: Place | None) -> Instance | None:
        """Return the instance at a place; None where there is none."""
        return self.instances.get(place.key) if place else None


@dataclasses.dataclass(frozen=True)
class Task:
    """The data of a change: whose instance it is for, and the attributes to send.

    ``after`` says what it waits for: ``available`` (the instance itself), ``source`` (the tenant's instance is available),
    ``replicas gone``, ``gone``. ``master`` is the change of a master user's secret that it stands for.
    """

    wanted: Wanted
    place: Place
    details: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    after: str = ""
    master: Change | None = None


def region_of(arn: str) -> str:
    """Return the region of an ARN; nothing for a bare identifier."""
    return arn.split(":")[3] if arn.startswith("arn:") else ""
