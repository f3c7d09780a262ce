# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read the tenants' instances, their groups, keys and snapshots; the clients are passed in."""

from __future__ import annotations

import typing as t
from functools import partial

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import doing, found_or_none
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms.reads import read_key
from ansible_collections.knowledgecity.platform.plugins.module_utils._parallel import in_parallel
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_parameters import Known, read_types
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances import described
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances.model import (
    Instance,
    Key,
    ParameterGroup,
    State,
    Wanted,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances.plan import (
    parameter_group_name,
)


class InstanceReads:
    """The instances of some regions; ``clients(service, region)`` returns a client."""

    def __init__(self, clients: t.Callable[[str, str], t.Any], regions: t.Sequence[str]):
        # Created here: several threads may use a client, but not create one.
        self._rds = {region: clients("rds", region) for region in regions}
        self._kms = {region: clients("kms", region) for region in regions}
        self._types: dict[str, dict[str, Known]] = {}
        self._keys: dict[Key, str | None] = {}

    def instances(self) -> dict[Key, Instance]:
        """Read all instances of these regions, the tenants' and others."""
        found = {}
        for region, client in self._rds.items():
            with doing(f"read the DB instances in {region}"):
                pages = client.get_paginator("describe_db_instances").paginate()
                items = [described.instance(item) for page in pages for item in page["DBInstances"]]
            found |= {(region, item.identifier): item for item in items}
        return found

    def state(self, entries: t.Sequence[Wanted]) -> State:
        """Read what the plan of these tenants needs, except master users and secrets."""
        state = State(instances=self.instances())
        places = [(wanted, place) for wanted in entries for place in wanted.places]
        names = {place.key for _wanted, place in places} | {
            (place.region, parameter_group_name(place, state.at(place), state)) for _wanted, place in places
        }
        present = [wanted for wanted in entries if wanted.state != "absent"]
        for wanted in present:
            for place in wanted.places:
                self._look_up_key(place.region, place.kms_key)
            self._look_up_types(wanted.at.region, wanted.family)
        finals = {(wanted.at.region, wanted.final_snapshot) for wanted in entries if wanted.state == "absent"}
        return State(
            instances=state.instances,
            parameter_groups=self._parameter_groups(names),
            subnet_groups=self._subnet_groups(),
            types=self._types,
            keys=self._keys,
            snapshots=self._snapshots(finals),
        )

    def _parameter_groups(self, names: set[Key]) -> dict[Key, ParameterGroup]:
        families: dict[Key, str] = {}
        for region, client in self._rds.items():
            with doing(f"read the parameter groups in {region}"):
                pages = client.get_paginator("describe_db_parameter_groups").paginate()
                items = [item for page in pages for item in page["DBParameterGroups"]]
            families |= {(region, item["DBParameterGroupName"]): item["DBParameterGroupFamily"] for item in items}
        there = sorted(names & families.keys())
        found = zip(there, in_parallel(self._set_parameters, there), strict=True)
        return {key: ParameterGroup(families[key], parameters) for key, parameters in found}

    def _set_parameters(self, key: Key) -> dict[str, str]:
        region, name = key
        with doing(f"read the parameter group {name} in {region}"):
            pages = self._rds[region].get_paginator("describe_db_parameters")
            items = [
                item for page in pages.paginate(DBParameterGroupName=name, Source="user") for item in page["Parameters"]
            ]
        return {item["ParameterName"]: item.get("ParameterValue", "") for item in items}

    def _subnet_groups(self) -> dict[Key, frozenset[str]]:
        found: dict[Key, frozenset[str]] = {}
        for region, client in self._rds.items():
            with doing(f"read the DB subnet groups in {region}"):
                pages = client.get_paginator("describe_db_subnet_groups").paginate()
                items = [item for page in pages for item in page["DBSubnetGroups"]]
            for item in items:
                subnets = frozenset(subnet["SubnetIdentifier"] for subnet in item["Subnets"])
                found[region, item["DBSubnetGroupName"]] = subnets
        return found

    def _snapshots(self, names: t.Iterable[tuple[str, str | None]]) -> dict[str, str]:
        found = {}
        for region, name in names:
            answer = found_or_none(
                f"read the snapshot {name} in {region}",
                partial(self._rds[region].describe_db_snapshots, DBSnapshotIdentifier=name),
                "DBSnapshotNotFound",
                "DBSnapshotNotFoundFault",
            )
            if answer:
                found[name] = answer["DBSnapshots"][0]["Status"]
        return found

    def _look_up_key(self, region: str, name: str | None) -> None:
        if not name or (region, name) in self._keys:
            return
        key = found_or_none(
            f"read the key {name} in {region}", lambda: read_key(self._kms[region], name), "NotFoundException"
        )
        self._keys[region, name] = key and key.arn

    def _look_up_types(self, region: str, family: str) -> None:
        """Read which parameters of a family can be set, and how; none where RDS knows no such family."""
        if family not in self._types:
            with doing(f"read the parameters of {family} in {region}"):
                self._types[family] = read_types(self._rds[region], family)
