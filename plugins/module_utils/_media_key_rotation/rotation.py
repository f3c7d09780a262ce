# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read the phase of a rotation, request changes from the servers, and wait for their end."""

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
# Seconds after which a request is repeated: the server then queues again what no worker works on any more.
_ASK_AGAIN = 30.0
_REPORT_EVERY = 10.0
_REQUESTS = {"rotate": "start", "roll_back": "rollback", "finalize": "finalize", "verify": "verify"}


class Rotation:
    """Reconcile one rotation. ``say`` gets the progress; ``reported`` is what the active region's server reported last."""

    def __init__(
        self, wanted: Wanted, servers: t.Mapping[str, MediaServer], *, timeout: float, say: t.Callable[[str], None]
    ):
        self._wanted = wanted
        self._servers = servers
        self._timeout = timeout
        self._until = 0.0
        self._active = ""
        self._say = say
        self.reported: dict[str, t.Any] = {}

    def read(self) -> Current:
        """Read the rotation from the servers. It writes nothing."""
        reported = self._ask_active()
        self.reported = reported
        active = self._active = reported["active_region"]
        phases = {active: reported["phase"]}
        if self._wanted.state == "finalized":
            phases |= {
                region: self._phase(region, reported["rotation_id"]) for region in self._servers if region != active
            }
        return Current(active, reported, phases, datetime.datetime.now(datetime.UTC))

    def _ask_active(self) -> dict[str, t.Any]:
        unreached = []
        for region, server in self._servers.items():
            try:
                reported = server.plan(self._wanted.request, dry_run=True)
            except ServerError as error:
                if error.status:
                    raise
                unreached.append(str(error))
                continue
            active = reported["active_region"]
            if active == region:
                return reported
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
        """Plan the changes."""
        return model.plan(self._wanted, current)

    def apply(self, changes: list[Change]) -> None:
        """Request the changes, and wait for them. Raise PlatformError on a failure, or after O(wait_timeout)."""
        self._until = time.monotonic() + self._timeout
        for change in changes:
            region = change.region
            if change.action == "rotate":
                self.reported = self._servers[region].plan(self._wanted.request, dry_run=False)
            self._request(change.data, region, other=region != self._active)

    def _request(self, action: str, region: str, *, other: bool) -> None:
        rotation, server = self.reported["rotation_id"], self._servers[region]
        body = {"level": self._wanted.verify} if action == "verify" else None
        asked_at = reported_at = 0.0
        reported: dict[str, t.Any] = {}
        while True:
            now = time.monotonic()
            if not reported or now - asked_at >= _ASK_AGAIN:
                reported = self._send(server, action, body, lenient=other) or reported
                asked_at = now
            else:
                reported = server.status(rotation)
            if not other and reported:
                self.reported = reported
            if reported and self._has_ended(action, reported, other=other):
                break
            if now - reported_at >= _REPORT_EVERY and reported:
                reported_at = now
                self._say(f"media_key_rotation: {rotation} in {region}: {model.in_words(reported)}")
            self._check_timeout(rotation, region, reported)
            time.sleep(_INTERVAL)
        self._require_success(action, region, reported)

    def _send(
        self, server: MediaServer, action: str, body: dict[str, t.Any] | None, *, lenient: bool
    ) -> dict[str, t.Any]:
        """Return the answer; nothing where another region doesn't know yet what the active one has done."""
        try:
            return server.request(self.reported["rotation_id"], _REQUESTS[action], body)
        except ServerError as error:
            if lenient and error.code in ("not-finalized", "no-rotation"):
                return {}
            raise

    def _has_ended(self, action: str, reported: t.Mapping[str, t.Any], *, other: bool) -> bool:
        if other:
            return reported["phase"] == "finalized"
        return reported["phase"] not in model.WAITED and (reported["phase"] != "planned" or action != "rotate")

    def _check_timeout(self, rotation: str, region: str, reported: t.Mapping[str, t.Any]) -> None:
        if time.monotonic() < self._until:
            return
        where = model.in_words(reported) if reported else "the active region's work has not arrived there"
        raise PlatformError(
            f"Waited {self._timeout:.0f} s for rotation {rotation} in {region}: {where}. It goes on; run again to wait for it, "
            "or raise O(wait_timeout)."
        )

    def _require_success(self, action: str, region: str, reported: t.Mapping[str, t.Any]) -> None:
        name = f"Rotation {reported['rotation_id']} in {region}"
        if action == "verify":
            found = reported["verification"] or {"failed": 0, "checked": 0}
            if found["failed"]:
                raise PlatformError(
                    f"{name}: {found['failed']} of {found['checked']} assets that were verified don't open with the new keys: "
                    f"{model.failures_in_words(reported)}. Nothing old was removed. Fix: roll back with O(state=rolled_back)."
                )
        elif reported["failed"]:
            raise PlatformError(
                f"{name} is {reported['phase']}: {reported['failed']} failed: {model.failures_in_words(reported)}. Finished assets "
                "play with their new keys, the others with their old ones. Fix: remove the cause, and run again."
            )
