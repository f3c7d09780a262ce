# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Apply single changes of tenants' instances and their groups; the clients are passed in."""

from __future__ import annotations

import secrets
import string
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils import _rds_parameters as parameters
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import doing
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances.model import State, Task
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances.plan import as_request
from ansible_collections.knowledgecity.platform.plugins.module_utils._tenant_names import SECRET_LENGTH, identifier


class InstanceWrites:
    """Write to RDS, one method a kind of change."""

    def __init__(self, clients: t.Callable[[str, str], t.Any], regions: t.Sequence[str]):
        self._rds = {region: clients("rds", region) for region in regions}

    def apply(self, change: Change, state: State) -> None:
        """Apply a change."""
        with doing(f"{change.action} the {change.resource}"):
            {
                "parameter group": self._parameter_group,
                "subnet group": self._subnet_group,
                "instance": self._instance,
                "read replica": self._instance,
                "tags": self._tag,
            }[change.kind](change, change.data, self._rds[change.data.place.region], state)

    def _parameter_group(self, change: Change, task: Task, rds: t.Any, state: State) -> None:
        name = task.details["name"]
        if change.action == "delete":
            rds.delete_db_parameter_group(DBParameterGroupName=name)
            return
        if change.action == "create":
            rds.create_db_parameter_group(
                DBParameterGroupName=name,
                DBParameterGroupFamily=task.details["family"],
                Description=_description(task),
                Tags=_tags(task),
            )
        types = state.types[task.wanted.family]
        parameters.write(rds, name, task.details["parameters"], types)

    def _subnet_group(self, change: Change, task: Task, rds: t.Any, _state: State) -> None:
        name = task.place.identifier
        if change.action == "delete":
            rds.delete_db_subnet_group(DBSubnetGroupName=name)
        elif change.action == "update":
            rds.modify_db_subnet_group(DBSubnetGroupName=name, SubnetIds=task.details["subnets"])
        else:
            rds.create_db_subnet_group(
                DBSubnetGroupName=name,
                DBSubnetGroupDescription=_description(task),
                SubnetIds=task.details["subnets"],
                Tags=_tags(task),
            )

    def _instance(self, change: Change, task: Task, rds: t.Any, state: State) -> None:
        identifier, asked = task.place.identifier, as_request(task.details)
        if change.action == "delete":
            _delete(rds, identifier, task.details["final_snapshot"])
        elif change.action == "update":
            rds.modify_db_instance(DBInstanceIdentifier=identifier, ApplyImmediately=True, **asked)
        elif change.kind == "read replica":
            rds.create_db_instance_read_replica(
                DBInstanceIdentifier=identifier,
                SourceDBInstanceIdentifier=state.at(task.wanted.at).arn,
                SourceRegion=task.wanted.at.region,
                Tags=_tags(task),
                **asked,
            )
        else:
            rds.create_db_instance(
                DBInstanceIdentifier=identifier,
                Engine="mysql",
                MasterUsername=task.wanted.master_username,
                # Nobody knows it: the password that counts is set from the secret.
                MasterUserPassword="".join(
                    secrets.choice(string.ascii_letters + string.digits) for _position in range(40)
                ),
                Tags=_tags(task),
                **asked,
            )

    def _tag(self, _change: Change, task: Task, rds: t.Any, _state: State) -> None:
        tags = [{"Key": key, "Value": value} for key, value in task.details["tags"].items()]
        rds.add_tags_to_resource(ResourceName=task.details["arn"], Tags=tags)


def _description(task: Task) -> str:
    return f"tenant {identifier(task.wanted.tenant, SECRET_LENGTH)}"


def _tags(task: Task) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in task.wanted.tags.items()]


def _delete(rds: t.Any, identifier: str, snapshot: str | None) -> None:
    kept = {"FinalDBSnapshotIdentifier": snapshot} if snapshot else {}
    rds.delete_db_instance(DBInstanceIdentifier=identifier, SkipFinalSnapshot=not snapshot, **kept)
