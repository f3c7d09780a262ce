# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Carries single steps out; the clients are passed in."""

from __future__ import annotations

import secrets
import string
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import doing
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances import parameters
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances.model import State, Step
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances.plan import as_request

_AT_ONCE = 20  # parameters that a call takes


class InstanceWrites:
    """One method a kind of step."""

    def __init__(self, clients: t.Callable[[str, str], t.Any], regions: t.Sequence[str]):
        self._rds = {region: clients("rds", region) for region in regions}

    def carry_out(self, step: Step, state: State) -> None:
        with doing(f"{step.action} the {step.resource}"):
            {
                "parameter group": self._parameter_group,
                "subnet group": self._subnet_group,
                "instance": self._instance,
                "replica": self._instance,
                "tags": self._tag,
            }[step.kind](step, self._rds[step.place.region], state)

    def _parameter_group(self, step: Step, rds: t.Any, state: State) -> None:
        name = step.details["name"]
        if step.action == "delete":
            rds.delete_db_parameter_group(DBParameterGroupName=name)
            return
        if step.action == "create":
            rds.create_db_parameter_group(
                DBParameterGroupName=name,
                DBParameterGroupFamily=step.details["family"],
                Description=f"tenant {step.wanted.tenant}",
                Tags=_tags(step),
            )
        types = state.types[step.wanted.family]
        given: dict[str, str | None] = step.details["parameters"]
        asked = [parameters.request(key, value, types) for key, value in given.items() if value is not None]
        reset = [parameters.request(key, None, types) for key, value in given.items() if value is None]
        for start in range(0, len(asked), _AT_ONCE):
            rds.modify_db_parameter_group(DBParameterGroupName=name, Parameters=asked[start : start + _AT_ONCE])
        for start in range(0, len(reset), _AT_ONCE):
            rds.reset_db_parameter_group(
                DBParameterGroupName=name, ResetAllParameters=False, Parameters=reset[start : start + _AT_ONCE]
            )

    def _subnet_group(self, step: Step, rds: t.Any, _state: State) -> None:
        name = step.place.identifier
        if step.action == "delete":
            rds.delete_db_subnet_group(DBSubnetGroupName=name)
        elif step.action == "update":
            rds.modify_db_subnet_group(DBSubnetGroupName=name, SubnetIds=step.details["subnets"])
        else:
            rds.create_db_subnet_group(
                DBSubnetGroupName=name,
                DBSubnetGroupDescription=f"tenant {step.wanted.tenant}",
                SubnetIds=step.details["subnets"],
                Tags=_tags(step),
            )

    def _instance(self, step: Step, rds: t.Any, state: State) -> None:
        identifier, asked = step.place.identifier, as_request(step.details)
        if step.action == "delete":
            _delete(rds, identifier, step.details["final_snapshot"])
        elif step.action == "update":
            rds.modify_db_instance(DBInstanceIdentifier=identifier, ApplyImmediately=True, **asked)
        elif step.kind == "replica":
            rds.create_db_instance_read_replica(
                DBInstanceIdentifier=identifier,
                SourceDBInstanceIdentifier=state.at(step.wanted.at).arn,
                SourceRegion=step.wanted.at.region,
                Tags=_tags(step),
                **asked,
            )
        else:
            rds.create_db_instance(
                DBInstanceIdentifier=identifier,
                Engine="mysql",
                MasterUsername=step.wanted.master_username,
                # Known to nobody: the one that counts is set from its secret.
                MasterUserPassword="".join(
                    secrets.choice(string.ascii_letters + string.digits) for _position in range(40)
                ),
                Tags=_tags(step),
                **asked,
            )

    def _tag(self, step: Step, rds: t.Any, _state: State) -> None:
        tags = [{"Key": key, "Value": value} for key, value in step.details["tags"].items()]
        rds.add_tags_to_resource(ResourceName=step.details["arn"], Tags=tags)


def _tags(step: Step) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in step.wanted.tags.items()]


def _delete(rds: t.Any, identifier: str, snapshot: str | None) -> None:
    kept = {"FinalDBSnapshotIdentifier": snapshot} if snapshot else {}
    rds.delete_db_instance(DBInstanceIdentifier=identifier, SkipFinalSnapshot=not snapshot, **kept)
