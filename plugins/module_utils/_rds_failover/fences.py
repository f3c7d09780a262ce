# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Keep everybody from writing to a server, in one of three ways. The server and RDS are passed in.

What a fence must know to be taken back is in the journal before anything is changed.
"""

from __future__ import annotations

import time
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.engine import Engine
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.rds import Rds

_INTERVAL = 0.05
# Seconds after which RDS has begun to apply a parameter.
_LATE = 20.0
_APPLYING = 2.0
Facts = dict[str, t.Any]


class Fence(t.Protocol):
    """Raise a fence and take it back, both as often as needed."""

    def prepare(self, known: Facts) -> Facts:
        """Return what the journal must hold before the fence is raised. ``known`` is what it holds already."""

    def raise_(self, facts: Facts, deadline: float) -> None:
        """Raise the fence."""

    def take_back(self, facts: Facts, deadline: float) -> None:
        """Restore what was there before the fence."""


class LockAndKill:
    """Lock every account but the master's, and end every session. It is fast, but a script that logs in as the master still can.

    The locks are replicated, so the new writer has them too until it is opened.
    """

    def __init__(self, engine: Engine, _rds: Rds, _group: str | None):
        self._engine = engine

    def prepare(self, known: Facts) -> Facts:
        """List the accounts to lock. Accounts that were locked before are left out, except those that an earlier run locked."""
        accounts = {tuple(account) for account in known.get("accounts", [])} | set(self._engine.accounts())
        return {"accounts": sorted(list(account) for account in accounts)}

    def raise_(self, facts: Facts, deadline: float) -> None:
        self._engine.lock([tuple(account) for account in facts["accounts"]], locked=True)
        self._engine.end_all_sessions(deadline)

    def take_back(self, facts: Facts, deadline: float) -> None:
        self._engine.lock([tuple(account) for account in facts.get("accounts", [])], locked=False)


class ParameterGroup:
    """Set read_only in the instance's parameter group. It holds for the master too, and survives a reboot."""

    def __init__(self, engine: Engine, rds: Rds, _group: str | None):
        self._engine = engine
        self._rds = rds

    def prepare(self, known: Facts) -> Facts:
        if "parameter_group" in known:
            return {}
        found = self._rds.read()
        if not found:
            raise PlatformError(f"The DB instance {self._rds.name} is gone.")
        return {"parameter_group": found.parameter_group, "read_only": found.read_only}

    def raise_(self, facts: Facts, deadline: float) -> None:
        self._rds.set_read_only(facts["parameter_group"], "1")
        self._wait(True, deadline)

    def take_back(self, facts: Facts, deadline: float) -> None:
        """Reset it. RDS may still be about to apply the 1 of a fence that was never seen up, so that one is watched for longer."""
        if "parameter_group" not in facts:
            return
        self._rds.set_read_only(facts["parameter_group"], facts["read_only"])
        if not facts.get("fenced"):
            self._watch(min(deadline, time.monotonic() + _LATE))
        self._wait(False, deadline)
        while self._is_applying() and time.monotonic() < deadline:
            time.sleep(_APPLYING)

    def _watch(self, until: float) -> None:
        """Wait until the fence is seen up at last, or RDS would have applied it by now."""
        while time.monotonic() < until and not self._engine.read_only():
            time.sleep(_INTERVAL)

    def _wait(self, wanted: bool, deadline: float) -> None:
        while self._engine.read_only() != wanted:
            if time.monotonic() >= deadline:
                raise PlatformError(
                    f"RDS did not put read_only in force in {self._engine.place} in time. Fix: raise O(fence_timeout), or use "
                    "another O(fence)."
                )
            time.sleep(_INTERVAL)

    def _is_applying(self) -> bool:
        found = self._rds.read()
        return bool(found and found.parameter_status == "applying")


class SecurityGroup:
    """Give the instance a security group that lets only the runners in, and end every session, which AWS doesn't."""

    def __init__(self, engine: Engine, rds: Rds, group: str | None):
        self._engine = engine
        self._rds = rds
        self._group = group

    def prepare(self, known: Facts) -> Facts:
        if "security_groups" in known:
            return {}
        found = self._rds.read()
        if not found:
            raise PlatformError(f"The DB instance {self._rds.name} is gone.")
        return {"security_groups": list(found.security_groups)}

    def raise_(self, facts: Facts, deadline: float) -> None:
        self._rds.set_security_groups([self._group or ""], deadline)
        self._engine.end_all_sessions(deadline)

    def take_back(self, facts: Facts, deadline: float) -> None:
        if "security_groups" in facts:
            self._rds.set_security_groups(facts["security_groups"], deadline)


FENCES: dict[str, t.Callable[[Engine, Rds, str | None], Fence]] = {
    "lock_and_kill": LockAndKill,
    "parameter_group": ParameterGroup,
    "security_group": SecurityGroup,
}
