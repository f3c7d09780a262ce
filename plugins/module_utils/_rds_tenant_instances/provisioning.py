# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Brings all tenants' instances there side by side, and waits for them.

What can be begun is begun; then all are looked at together, until nothing is left to do and nothing is under way. Who stops
in between leaves things that the next run's first look finds.
"""

from __future__ import annotations

import dataclasses
import itertools
import time
import typing as t
from concurrent.futures import ThreadPoolExecutor

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_master_secret.store import MasterSecretStore
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances.model import (
    READY,
    UNDER_WAY,
    State,
    Step,
    Wanted,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances.plan import (
    is_ready,
    master_wanted,
    plan,
    waits,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances.reads import (
    AT_ONCE,
    InstanceReads,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances.writes import InstanceWrites

_INTERVAL = 2.0
# Seconds until RDS shows that it has begun a modification: before, the same one isn't asked for again.
_NOTICED = 60.0


class Provisioning:
    """The instances of a list of tenants. ``forget`` removes the secrets of tenants."""

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

    def read(self, secrets: dict[str, str], *, all_of_it: bool = True) -> State:
        """What the plan needs, or only what there is of instances and their masters."""
        state = self._reads.state(self._entries) if all_of_it else State(instances=self._reads.instances())
        with ThreadPoolExecutor(AT_ONCE) as pool:
            masters = pool.map(lambda wanted: self._master(wanted, state).read(), self._entries)
            found = {wanted.tenant: held for wanted, held in zip(self._entries, masters, strict=True)}
        return dataclasses.replace(state, masters=found, secrets=secrets)

    def carry_out(self, state: State) -> State:
        """Until everything is as it is wanted; returns the state read last."""
        deadline = time.monotonic() + self._timeout
        while True:
            steps = plan(self._entries, state)
            self._begin(steps, state)
            waiting = waits(self._entries, state)
            if not steps and not waiting:
                return state
            if time.monotonic() >= deadline:
                left = waiting or [f"{step.action} {step.resource}" for step in steps]
                raise PlatformError(
                    f"Waited {self._timeout:.0f} s, and still for {', '.join(left)}. RDS goes on by itself: run again to wait "
                    "on; raise O(wait_timeout) where RDS is slow."
                )
            time.sleep(_INTERVAL)
            state = self.read(state.secrets)
            self._stop_where_hopeless(state)

    def _begin(self, steps: list[Step], state: State) -> None:
        """What is ready of each place, in its order; places side by side. All are tried before one's failure is told."""
        lines = [
            list(itertools.takewhile(lambda step: is_ready(step, state), line))
            for _place, line in itertools.groupby(steps, key=lambda step: (step.wanted.tenant, step.place.key))
        ]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            problems = [problem for problem in pool.map(lambda line: self._line(line, state), lines) if problem]
        if problems:
            raise PlatformError(" ".join(dict.fromkeys(problems)))

    def _line(self, line: list[Step], state: State) -> str | None:
        try:
            for kind, steps in itertools.groupby(line, key=lambda step: step.kind):
                self._carry_out(kind, list(steps), state)
        except PlatformError as error:
            return str(error)
        return None

    def _carry_out(self, kind: str, steps: list[Step], state: State) -> None:
        wanted = steps[0].wanted
        if kind == "master":
            self._master(wanted, state).apply(steps, state.masters[wanted.tenant])
        elif kind == "secret":
            self._forget([wanted.tenant])
            state.secrets.pop(wanted.tenant, None)  # what is read again in this run doesn't show it
        else:
            for step in steps:
                self._once(step, state)

    def _once(self, step: Step, state: State) -> None:
        name, now = f"{step.action} {step.resource} {step.after}", time.monotonic()
        if now - self._asked.get(name, -_NOTICED) >= _NOTICED:
            self._writes.carry_out(step, state)
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
                        f"{place.label} of {wanted.tenant} is {instance.status}: look at its events in RDS (aws rds "
                        f"describe-events --region {place.region} --source-type db-instance --source-identifier "
                        f"{place.identifier}), then run again."
                    )
