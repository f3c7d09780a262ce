# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Reads where a rotation is, tells the servers what to do, and follows it to its end."""

from __future__ import annotations

import datetime
import time
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._media_key_rotation import model
from ansible_collections.knowledgecity.platform.plugins.module_utils._media_key_rotation.model import Current, Wanted
from ansible_collections.knowledgecity.platform.plugins.module_utils._media_key_rotation.server import (
    MediaServer,
    ServerError,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change

_INTERVAL = 1.0
# The server queues again what nobody works on any more, when it is asked again.
_ASK_AGAIN = 30.0
_SAY_EVERY = 10.0
_TOLD = {"rotate": "start", "roll_back": "rollback", "finalize": "finalize", "verify": "verify"}
_WAITS = {"rotating": "rotate", "rolling-back": "roll_back", "finalizing": "finalize", "verifying": "verify"}


class Rotation:
    """One rotation. ``say`` is told how far it is; ``told`` is what the active region's server said last."""

    def __init__(
        self, wanted: Wanted, servers: t.Mapping[str, MediaServer], *, timeout: float, say: t.Callable[[str], None]
    ):
        self._wanted = wanted
        self._servers = servers
        self._timeout = timeout
        self._until = 0.0
        self._say = say
        self.told: dict[str, t.Any] = {}

    def read(self) -> Current:
        """Writes nothing anywhere."""
        told = self._ask_active()
        self.told = told
        active = told["active_region"]
        phases = {active: told["phase"]}
        if self._wanted.state == "finalized":
            phases |= {region: self._phase(region, told["rotation_id"]) for region in self._servers if region != active}
        return Current(active, told, phases, datetime.datetime.now(datetime.UTC))

    def _ask_active(self) -> dict[str, t.Any]:
        unreached = []
        for region, server in self._servers.items():
            try:
                told = server.plan(self._wanted.request, dry_run=True)
            except ServerError as error:
                if error.status:
                    raise
                unreached.append(str(error))
                continue
            active = told["active_region"]
            if active == region:
                return told
            if active not in self._servers:
                raise PlatformError(f"The active region is {active}, which is none of O(servers). Nothing was changed.")
            return self._servers[active].plan(self._wanted.request, dry_run=True)
        raise PlatformError(" ".join(unreached))

    def _phase(self, region: str, rotation: str) -> str:
        try:
            return str(self._servers[region].status(rotation)["phase"])
        except ServerError as error:
            if error.status == 404:
                return "absent"
            raise

    def plan(self, current: Current) -> list[Change]:
        """What is to be done."""
        return model.plan(self._wanted, current)

    def apply(self, changes: list[Change], current: Current) -> None:
        """Do it, and wait for it. Raises PlatformError where something failed, or it takes longer than O(wait_timeout)."""
        self._until = time.monotonic() + self._timeout
        for change in changes:
            region = change.region or current.active_region
            if change.action == "rotate":
                self.told = self._servers[region].plan(self._wanted.request, dry_run=False)
            action = _WAITS[current.phase] if change.action == "wait" else change.action
            self._carry_out(action, region, other=region != current.active_region)

    def _carry_out(self, action: str, region: str, *, other: bool) -> None:
        rotation, server = self.told["rotation_id"], self._servers[region]
        body = {"level": self._wanted.verify} if action == "verify" else None
        asked_at = said_at = 0.0
        told: dict[str, t.Any] = {}
        while True:
            now = time.monotonic()
            if not told or now - asked_at >= _ASK_AGAIN:
                told = self._tell(server, action, body, patient=other) or told
                asked_at = now
            else:
                told = server.status(rotation)
            if not other and told:
                self.told = told
            if told and self._is_over(action, told, other=other):
                break
            if now - said_at >= _SAY_EVERY and told:
                said_at = now
                self._say(f"media_key_rotation: {rotation} in {region}: {model.in_words(told)}")
            self._check_patience(rotation, region, told)
            time.sleep(_INTERVAL)
        self._require_success(action, region, told)

    def _tell(
        self, server: MediaServer, action: str, body: dict[str, t.Any] | None, *, patient: bool
    ) -> dict[str, t.Any]:
        """The answer; nothing where another region doesn't know yet what the active one has done."""
        try:
            return server.tell(self.told["rotation_id"], _TOLD[action], body)
        except ServerError as error:
            if patient and error.code in ("not-finalized", "no-rotation"):
                return {}
            raise

    def _is_over(self, action: str, told: t.Mapping[str, t.Any], *, other: bool) -> bool:
        if other:
            return told["phase"] == "finalized"
        return told["phase"] not in model.RUNNING and (told["phase"] != "planned" or action != "rotate")

    def _check_patience(self, rotation: str, region: str, told: t.Mapping[str, t.Any]) -> None:
        if time.monotonic() < self._until:
            return
        where = model.in_words(told) if told else "the active region's work has not arrived there"
        raise PlatformError(
            f"Waited {self._timeout:.0f} s for rotation {rotation} in {region}: {where}. It goes on; run again to wait for it, "
            "or raise O(wait_timeout)."
        )

    def _require_success(self, action: str, region: str, told: t.Mapping[str, t.Any]) -> None:
        name = f"Rotation {told['rotation_id']} in {region}"
        if action == "verify":
            found = told["verification"] or {"failed": 0, "checked": 0}
            if found["failed"]:
                raise PlatformError(
                    f"{name}: {found['failed']} of {found['checked']} assets that were verified don't open with the new keys: "
                    f"{model.failures_in_words(told)}. Nothing of before was removed; O(state=rolled_back) brings it back."
                )
        elif told["failed"]:
            raise PlatformError(
                f"{name} is {told['phase']}: {told['failed']} failed: {model.failures_in_words(told)}. Those that are done play "
                "with their new keys, the others with their old ones. Mend the cause, and run again."
            )
