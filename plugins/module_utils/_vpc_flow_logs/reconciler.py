# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Reconcile the flow logs of one module call."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change
from ansible_collections.knowledgecity.platform.plugins.module_utils._vpc_flow_logs.model import (
    DEFAULT_FORMAT,
    S3_OPTIONS,
    FlowLog,
    Settings,
    Wanted,
    plain_destination,
    plan,
    problems,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._vpc_flow_logs.store import FlowLogStore


class Current(t.NamedTuple):
    """The wanted flow logs, with the IDs of VPCs that are named, and those that exist."""

    wanted: list[Wanted]
    flow_logs: list[FlowLog]


class FlowLogReconciler:
    """Read, plan and apply the entries of O(flow_logs). Raise PlatformError where the entries are wrong."""

    def __init__(
        self,
        entries: t.Sequence[dict[str, t.Any]],
        store: FlowLogStore,
        *,
        absent: bool = False,
        purge: bool = False,
        purge_tags: bool = True,
    ):
        if found := problems([_wanted(entry, {}) for entry in entries], absent=absent):
            raise PlatformError(" ".join(found))
        self._entries = entries
        self._store = store
        self._options = {"absent": absent, "purge": purge, "purge_tags": purge_tags}

    def read(self) -> Current:
        """Read the flow logs of the entries' resources."""
        vpcs = self._store.vpcs_named({entry["vpc_name"] for entry in self._entries if entry["vpc_name"]})
        wanted = [_wanted(entry, vpcs) for entry in self._entries]
        return Current(wanted, self._store.read({one.resource_id for one in wanted if one.resource_id}))

    def plan(self, current: Current) -> list[Change]:
        """Plan the changes of all entries."""
        return plan(current.wanted, current.flow_logs, **self._options)

    def apply(self, changes: list[Change]) -> None:
        """Apply the changes."""
        self._store.apply(changes)


def _wanted(entry: dict[str, t.Any], vpcs: dict[str, str]) -> Wanted:
    settings = Settings(
        destination_type=entry["destination_type"],
        destination=plain_destination(entry["destination"]),
        role_arn=entry["role_arn"],
        traffic_type=entry["traffic_type"],
        aggregation_interval=entry["aggregation_interval"],
        format=entry["format"] or DEFAULT_FORMAT,
        **{name: entry[name] for name in S3_OPTIONS},
    )
    resource_id = entry["resource_id"] or vpcs.get(entry["vpc_name"])
    return Wanted(resource_id, entry["vpc_name"] or entry["resource_id"], settings, entry["tags"])
