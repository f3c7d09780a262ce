# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""What the engine is asked for: backups and restores that run on their own, watched until their end."""

from __future__ import annotations

import time
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse.client import (
    ClickHouse,
    ClickHouseError,
    answer_of,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError

# Seconds between two looks, once a second has passed. They grow with the square root of the time: an end that is noticed late
# costs less the longer it lasts, and a look costs the server some 10 ms, since system.backups reads all that it knows.
_INTERVAL = 0.1
_LONGEST_INTERVAL = 2.0
_REPORT_EVERY = 10.0
_RUNNING = ("CREATING_BACKUP", "RESTORING")
_DONE = ("BACKUP_CREATED", "RESTORED")
# A request to S3 that fails is tried again, but not the engine's 1000 times, which take more than an hour.
_S3_ATTEMPTS = 12
# What S3 is sent with each object to check it by: the engine's own choice, MD5, is slower (docs/decisions/0013).
_CHECKSUM_SETTING, _CHECKSUM = "s3_upload_checksum_algorithm", "CRC32"
_ADVICE = {
    253: "A replicated table of a fixed path in Keeper can't be restored beside the original: restore it where that one is gone.",
    499: "S3 refused the server, or did not answer it: check the key of O(collection), its rights, and the bucket's space.",
    598: "Another backup is being written there.",
    599: "The backup, or a base of it, isn't at the place that O(collection) leads to.",
    603: "Its base was taken anew since.",
    608: "Restore under another name, see O(restore).",
    669: "Create the named collection on the server, see O(collection).",
}


class Progress(t.NamedTuple):
    """How far a running backup or restore is. Sizes are bytes; 0 where the engine does not tell."""

    status: str
    error: str
    total: int
    done: int
    seconds: float

    @property
    def running(self) -> bool:
        return self.status in _RUNNING

    def in_words(self) -> str:
        """Progress with elapsed and expected time."""
        text = f"{self.done} of {self.total} bytes after {self.seconds:.0f} s"
        if 0 < self.done < self.total:
            text += f", about {self.seconds * (self.total - self.done) / self.done:.0f} s left"
        return text


class Engine:
    """One server's BACKUP and RESTORE."""

    def __init__(self, server: ClickHouse, *, timeout: float, max_bandwidth: int, say: t.Callable[[str], None]):
        self.server = server
        self._timeout = timeout
        self._max_bandwidth = max_bandwidth
        self._say = say

    def identify(self) -> dict[str, t.Any]:
        """The server's `version`, `host` and `uptime` in seconds."""
        return self.server.rows("SELECT version() AS version, hostName() AS host, uptime() AS uptime")[0]

    def start(self, statement: str, settings: dict[str, t.Any] | None = None) -> None:
        """Start a backup or restore. It goes on without this process."""
        common: dict[str, t.Any] = {"backup_restore_s3_retry_attempts": _S3_ATTEMPTS}
        if self._max_bandwidth:
            common["max_backup_bandwidth"] = self._max_bandwidth
        self.server.run(statement, common | (settings or {}))

    def upload_settings(self) -> dict[str, t.Any]:
        """Settings of a backup alone; none where the server's administrator chose, or the server is too old to know them."""
        rows = self.server.rows(
            "SELECT name FROM system.settings WHERE name = {name:String} AND value = ''", {"name": _CHECKSUM_SETTING}
        )
        return {row["name"]: _CHECKSUM for row in rows}

    def progress(self, identity: str) -> Progress | None:
        """How far it is; None where the server doesn't know of it: a restart forgets."""
        rows = self.server.rows(
            "SELECT status, error, total_size, ProfileEvents['WriteBufferFromS3Bytes'] AS written, "
            "ProfileEvents['ReadBufferFromS3Bytes'] AS read, "
            "dateDiff('millisecond', start_time, now64(3)) / 1000 AS seconds "
            "FROM system.backups WHERE id = {id:String}",
            {"id": identity},
        )
        if not rows:
            return None
        row = rows[0]
        return Progress(
            row["status"],
            answer_of(row["error"]),
            int(row["total_size"]),
            int(row["written"]) or int(row["read"]),
            float(row["seconds"]),
        )

    def wait(self, identity: str, what: str) -> None:
        """Wait for its end; `what` says what is waited for. Raises PlatformError where it failed or takes too long."""
        started = reported = time.monotonic()
        while True:
            progress = self.progress(identity)
            if progress is None:
                raise PlatformError(
                    f"ClickHouse was restarted while it was to {what}. Run again: what was left is cleaned up first."
                )
            if progress.status in _DONE:
                return
            if not progress.running:
                raise failure(what, progress.error)
            now = time.monotonic()
            if now - started > self._timeout:
                raise PlatformError(
                    f"Waited {self._timeout:.0f} s for ClickHouse to {what}: {progress.in_words()}. It goes on; run again to "
                    "wait for it, with a larger O(timeout)."
                )
            if now - reported > _REPORT_EVERY:
                self._say(f"{what}: {progress.in_words()}")
                reported = now
            time.sleep(min(_INTERVAL * max(now - started, 1.0) ** 0.5, _LONGEST_INTERVAL))


def failure(what: str, error: str) -> PlatformError:
    """What to say about a backup or restore that the engine gave up."""
    code = int(
        "".join(character for character in error.partition("Code:")[2].partition(".")[0] if character.isdigit()) or 0
    )
    advice = _ADVICE.get(code, "")
    return ClickHouseError(f"ClickHouse could not {what}: {error} {advice}".rstrip(), code)
