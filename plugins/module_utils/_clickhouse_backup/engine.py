# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Start backups and restores in the engine, and wait for their end."""

from __future__ import annotations

import time
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse.client import (
    ClickHouse,
    ClickHouseError,
    answer_of,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError

# Seconds between two queries, after the first second. They grow with the square root of the time: a late end matters less the
# longer it took, and a query costs the server some 10 ms, since system.backups reads all backups.
_INTERVAL = 0.1
_LONGEST_INTERVAL = 2.0
_REPORT_EVERY = 10.0
_RUNNING = ("CREATING_BACKUP", "RESTORING")
_DONE = ("BACKUP_CREATED", "RESTORED")
# A failed request to S3 is repeated, but not the engine's 1000 times, which take more than an hour.
_S3_ATTEMPTS = 12
# The checksum that S3 gets with each object: the engine's own choice, MD5, is slower (docs/decisions/0013).
_CHECKSUM_SETTING, _CHECKSUM = "s3_upload_checksum_algorithm", "CRC32"
_FIXES = {
    253: "Fix: restore it where the original is gone; a replicated table of a fixed path in Keeper can't be restored beside it.",
    499: "S3 refused the server or did not answer. Fix: check the key of O(collection), its permissions, and the bucket's space.",
    598: "Hint: another backup is being written there.",
    599: "Hint: the backup, or a base of it, isn't at the place that O(collection) leads to.",
    603: "Hint: its base was replaced by another backup.",
    608: "Fix: restore under another name, see O(restore).",
    669: "Fix: create the named collection on the server, see O(collection).",
}


class Progress(t.NamedTuple):
    """The progress of a backup or restore. Sizes are bytes, 0 where the engine does not report them."""

    status: str
    error: str
    total: int
    done: int
    seconds: float

    @property
    def running(self) -> bool:
        """Return whether it has not ended."""
        return self.status in _RUNNING

    def in_words(self) -> str:
        """Describe the progress, with elapsed and expected time."""
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
        """Read the server's `version`, `host` and `uptime` in seconds."""
        return self.server.rows("SELECT version() AS version, hostName() AS host, uptime() AS uptime")[0]

    def start(self, statement: str, settings: dict[str, t.Any] | None = None) -> None:
        """Start a backup or restore. It goes on without this process."""
        common: dict[str, t.Any] = {"backup_restore_s3_retry_attempts": _S3_ATTEMPTS}
        if self._max_bandwidth:
            common["max_backup_bandwidth"] = self._max_bandwidth
        self.server.run(statement, common | (settings or {}))

    def upload_settings(self) -> dict[str, t.Any]:
        """Return settings for a backup; none where the server's administrator set them, or the server doesn't know them."""
        rows = self.server.rows(
            "SELECT name FROM system.settings WHERE name = {name:String} AND value = ''", {"name": _CHECKSUM_SETTING}
        )
        return {row["name"]: _CHECKSUM for row in rows}

    def progress(self, identity: str) -> Progress | None:
        """Read the progress; None where the server doesn't know the backup, as after a restart."""
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
        """Wait for the end; `what` describes it in messages. Raise PlatformError where it failed or takes too long."""
        started = reported = time.monotonic()
        while True:
            progress = self.progress(identity)
            if progress is None:
                raise PlatformError(
                    f"ClickHouse was restarted while it was to {what}. Fix: run again, which cleans up what is left."
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
    """Return the error of a backup or restore that failed in the engine."""
    code = int(
        "".join(character for character in error.partition("Code:")[2].partition(".")[0] if character.isdigit()) or 0
    )
    fix = _FIXES.get(code, "")
    return ClickHouseError(f"ClickHouse could not {what}: {error} {fix}".rstrip(), code)
