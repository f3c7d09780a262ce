# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read and write a parameter group of RDS; the client is passed in."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils import _rds_parameters as parameters
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import doing, found_or_none
from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import Finding
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_parameter_group.model import (
    State,
    Wanted,
    check,
    plan,
)


class ParameterGroupReconciler:
    """A parameter group; ``enforce`` raises PlatformError where findings keep the module from its work."""

    def __init__(self, client: t.Any, wanted: Wanted, *, enforce: t.Callable[[list[Finding]], None]):
        self._client = client
        self._wanted = wanted
        self._enforce = enforce
        self._types: dict[str, parameters.Known] | None = None

    def read(self) -> State:
        """Read the group, the parameters that users set in it, and what its family knows."""
        name = self._wanted.name
        answer = found_or_none(
            f"read the parameter group {name}",
            lambda: self._client.describe_db_parameter_groups(DBParameterGroupName=name),
            "DBParameterGroupNotFound",
            "DBParameterGroupNotFoundFault",
        )
        if not answer or not answer["DBParameterGroups"]:
            with doing(f"read the parameters of {self._wanted.family}"):
                self._types = parameters.read_types(self._client, self._wanted.family)
            return State(None, self._types)
        group = answer["DBParameterGroups"][0]
        with doing(f"read the parameter group {name}"):
            pages = self._client.get_paginator("describe_db_parameters").paginate(DBParameterGroupName=name)
            items = [item for page in pages for item in page["Parameters"]]
            tags = self._client.list_tags_for_resource(ResourceName=group["DBParameterGroupArn"])["TagList"]
        self._types = parameters.known(items)
        return State(
            group["DBParameterGroupFamily"],
            self._types,
            group["DBParameterGroupArn"],
            {item["ParameterName"]: item.get("ParameterValue", "") for item in items if item.get("Source") == "user"},
            {tag["Key"]: tag["Value"] for tag in tags},
        )

    def plan(self, current: State) -> list[Change]:
        """Plan the changes, and refuse what RDS would refuse."""
        self._enforce(check(self._wanted, current))
        return plan(self._wanted, current)

    def apply(self, changes: list[Change]) -> None:
        """Apply the changes."""
        for change in changes:
            with doing(f"{change.action} the {change.resource}"):
                if change.action == "tag":
                    self._tag(change.after)
                elif change.action == "create":
                    self._create(change.after)
                else:
                    parameters.write(self._client, change.name, change.after, self._types or {})

    def _create(self, after: dict[str, t.Any]) -> None:
        self._client.create_db_parameter_group(
            DBParameterGroupName=self._wanted.name,
            DBParameterGroupFamily=self._wanted.family,
            Description=self._wanted.description,
            Tags=_listed(after["tags"]),
        )
        parameters.write(self._client, self._wanted.name, after["parameters"], self._types or {})

    def _tag(self, tags: dict[str, str]) -> None:
        name = self._wanted.name
        group = self._client.describe_db_parameter_groups(DBParameterGroupName=name)["DBParameterGroups"][0]
        self._client.add_tags_to_resource(ResourceName=group["DBParameterGroupArn"], Tags=_listed(tags))


def _listed(tags: t.Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
