# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Change all tenants' instances side by side, and wait for them.

Changes that can be begun are begun; then all instances are read, until nothing is left to do and nothing is under way. A run that
is cut off leaves what the next run finds when it reads.
"""

from __future__ import annotations

import dataclasses
import itertools
import time
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._parallel import in_parallel
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_master_secret.store import MasterSecretStore
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances.model import (
    READY,
    UNDER_WAY,
    State,
    Task,
    Wanted,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances.plan import (
    is_ready,
    master_wanted,
    plan,
    waits,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances.reads import InstanceReads
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances.writes import InstanceWrites

_INTERVAL = 2.0
# Seconds until RDS shows that it has begun a modification: until then it isn't asked for again.
_NOTICED = 60.0


class Provisioning:
    """The dedicated instances of a list of tenants. ``forget`` removes the secrets of tenants."""

    def __init__(
        self,
        clients: t.Callable[[str, str], t.Any],
        entries: t.Sequence[Wanted],
        region: str,
        *,
        standby: str | None,
        forget: t.Callable[[list[str]], None],
        recovery_window: int,
        timeout: float,
    ):
        regions = list(dict.fromkeys([region, *([standby] if standby else [])]))
        self._reads = InstanceReads(clients, regions)
        self._writes = InstanceWrites(clients, regions)
        self._clients = clients
        self._entries = entries
        self._region = region
        self._forget = forget
        self._recovery_window = recovery_window
        self._timeout = timeout
        self._asked: dict[str, float] = {}

    def keep(self, entries: t.Sequence[Wanted]) -> None:
        """Keep to these entries from now on: the others are left as they are."""
        self._entries = entries

    def read(self, secrets: dict[str, str], *, all_of_it: bool = True) -> State:
        """Read what the plan needs, or only the instances and their master users."""
        state = self._reads.state(self._entries) if all_of_it else State(instances=self._reads.instances())
        masters = in_parallel(lambda wanted: self._master(wanted, state).read(), self._entries)
        found = {wanted.tenant: held for wanted, held in zip(self._entries, masters, strict=True)}
        return dataclasses.replace(state, masters=found, secrets=secrets)

    def apply(self, changes: list[Change], state: State) -> State:
        """Apply the changes of a plan, and those that RDS needs after them, such as backups of a replica that has been created.

        Wait until everything is as wanted, and return the state read last.
        """
        deadline = time.monotonic() + self._timeout
        while True:
            self._begin(changes, state)
            waiting = waits(self._entries, state)
            if not changes and not waiting:
                return state
            if time.monotonic() >= deadline:
                left = waiting or [f"{change.action} {change.resource}" for change in changes]
                raise PlatformError(
                    f"Waited {self._timeout:.0f} s, and still for {', '.join(left)}. RDS goes on by itself. Fix: run again to "
                    "wait longer, or raise O(wait_timeout)."
                )
            time.sleep(_INTERVAL)
            state = self.read(state.secrets)
            self._stop_where_hopeless(state)
            changes = plan(self._entries, state)

    def _begin(self, changes: list[Change], state: State) -> None:
        """Begin what is ready: the changes of a place one after another, places side by side. Raise failures after all."""
        places = [
            list(itertools.takewhile(lambda change: is_ready(change, state), group))
            for _place, group in itertools.groupby(changes, key=_place_of)
        ]
        problems = [problem for problem in in_parallel(lambda ready: self._begin_at(ready, state), places) if problem]
        if problems:
            raise PlatformError(" ".join(dict.fromkeys(problems)))

    def _begin_at(self, changes: list[Change], state: State) -> str | None:
        """Begin the changes of one place. Return what went wrong."""
        try:
            for kind, group in itertools.groupby(changes, key=lambda change: change.kind):
                self._begin_kind(kind, list(group), state)
        except PlatformError as error:
            return str(error)
        return None

    def _begin_kind(self, kind: str, changes: list[Change], state: State) -> None:
        task: Task = changes[0].data
        if kind == "master":
            self._master(task.wanted, state).apply([change.data.master for change in changes])
        elif kind == "tenant secret":
            self._forget([task.wanted.tenant])
            state.secrets.pop(task.wanted.tenant, None)  # what is read again in this run doesn't show it
        else:
            for change in changes:
                self._once(change, state)

    def _once(self, change: Change, state: State) -> None:
        name, now = f"{change.action} {change.resource} {change.after}", time.monotonic()
        if now - self._asked.get(name, -_NOTICED) >= _NOTICED:
            self._writes.apply(change, state)
            self._asked[name] = now

    def _master(self, wanted: Wanted, state: State) -> MasterSecretStore:
        return MasterSecretStore(
            self._clients,
            self._region,
            master_wanted(wanted, state),
            self._timeout,
            self._recovery_window,
        )

    def _stop_where_hopeless(self, state: State) -> None:
        for wanted in self._entries:
            for place in wanted.places:
                instance = state.at(place)
                if instance and instance.status not in READY | UNDER_WAY:
                    raise PlatformError(
                        f"{place.label} of {wanted.tenant} is {instance.status}. Fix: read its events in RDS (aws rds "
                        f"describe-events --region {place.region} --source-type db-instance --source-identifier "
                        f"{place.identifier}), then run again."
                    )


def _place_of(change: Change) -> tuple[str, tuple[str, str]]:
    return change.data.wanted.tenant, change.data.place.key
