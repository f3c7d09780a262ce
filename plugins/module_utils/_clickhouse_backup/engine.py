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
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse.sql import string
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError

# Seconds between two queries, after the first second. They grow with the square root of the time: a late end matters less the
# longer it took, and a query costs the server some 10 ms, since system.backups reads all backups.
_INTERVAL = 0.1
_LONGEST_INTERVAL = 2.0
_REPORT_EVERY = 10.0
# Parts that were merged away are listed for eight minutes, if nobody made that less.
_MEANWHILE_EVERY = 60.0
# Requests that are sent over connections of their own to see whether one host answers all: a balancer sends them to others by
# turns.
_CONNECTIONS = 3
_RUNNING = ("CREATING_BACKUP", "RESTORING")
_DONE = ("BACKUP_CREATED", "RESTORED")
# Bytes of a statement that the engine takes by default. One that names thousands of tables is longer.
_QUERY_SIZE = 256 << 10
# A failed request to S3 is repeated, but not the engine's 1000 times, which take more than an hour.
_S3_ATTEMPTS = 12
# The checksum that S3 gets with each object: the engine's own choice, MD5, is slower (docs/decisions/0013).
_CHECKSUM_SETTING, _CHECKSUM = "s3_upload_checksum_algorithm", "CRC32"
_FIXES = {
    253: "Fix: restore it where the original is gone; a replicated table of a fixed path in Keeper can't be restored beside it.",
    497: "Fix: grant the module's user this right. Where the server's own credentials are meant, allow them: "
    "s3_allow_server_credentials_in_user_queries = 1 in the user's profile.",
    499: "S3 refused the server or did not answer. Fix: check the key of O(collection), its permissions, and the bucket's space. A "
    "collection without a key needs use_environment_credentials = 1, and since ClickHouse 26.7 "
    "s3_allow_server_credentials_in_user_queries = 1 in the user's profile.",
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
        self._host = ""

    def identify(self) -> dict[str, t.Any]:
        """Read the server's `version`, `host` and `uptime` in seconds. Raise PlatformError where several hosts answer by turns."""
        server: dict[str, t.Any] = {}
        for _connection in range(_CONNECTIONS):
            server = self.server.rows("SELECT version() AS version, hostName() AS host, uptime() AS uptime")[0]
            self._check_host(server["host"])
        return server

    def _check_host(self, host: str) -> None:
        if self._host and host != self._host:
            raise PlatformError(
                f"O(login_host) leads to several servers, {self._host} and {host}. Each knows only the backups that it "
                "makes itself. Fix: set O(login_host) to the address of one of them, not of a load balancer or a "
                "Kubernetes Service."
            )
        self._host = host

    def start(self, statement: str, settings: dict[str, t.Any] | None = None) -> None:
        """Start a backup or restore. It goes on without this process."""
        if not self._host:
            self.identify()
        common: dict[str, t.Any] = {"backup_restore_s3_retry_attempts": _S3_ATTEMPTS}
        if self._max_bandwidth:
            common["max_backup_bandwidth"] = self._max_bandwidth
        if len(statement.encode()) > _QUERY_SIZE // 2:
            common["max_query_size"] = 2 * len(statement.encode())
        self.server.run(statement, common | (settings or {}))

    def upload_settings(self) -> dict[str, t.Any]:
        """Return settings for a backup; none where the server's administrator set them, or the server doesn't know them."""
        rows = self.server.rows(
            "SELECT name FROM system.settings WHERE name = {name:String} AND value = ''", {"name": _CHECKSUM_SETTING}
        )
        return {row["name"]: _CHECKSUM for row in rows}

    def known_settings(self, names: t.Collection[str]) -> set[str]:
        """Return which of these settings the server knows."""
        quoted = ", ".join(map(string, sorted(names)))
        return {row["name"] for row in self.server.rows(f"SELECT name FROM system.settings WHERE name IN ({quoted})")}

    def progress(self, identity: str) -> Progress | None:
        """Read the progress; None where the server doesn't know the backup, as after a restart.

        Raise PlatformError where another host answers than before: each one knows its own backups only.
        """
        row = self.server.rows(
            "SELECT hostName() AS host, count() AS known, any(status) AS status, any(error) AS error, "
            "any(total_size) AS total_size, any(ProfileEvents['WriteBufferFromS3Bytes']) AS written, "
            "any(ProfileEvents['ReadBufferFromS3Bytes']) AS read, "
            "any(dateDiff('millisecond', start_time, now64(3))) / 1000 AS seconds "
            "FROM system.backups WHERE id = {id:String}",
            {"id": identity},
        )[0]
        if self._host:
            self._check_host(row["host"])
        if not int(row["known"]):
            return None
        return Progress(
            row["status"],
            answer_of(row["error"]),
            int(row["total_size"]),
            int(row["written"]) or int(row["read"]),
            float(row["seconds"]),
        )

    def restoring(self, prefix: str) -> list[str]:
        """Return the ids of restores that are going on and begin with `prefix`."""
        rows = self.server.rows(
            f"SELECT id FROM system.backups WHERE status = 'RESTORING' AND startsWith(id, {string(prefix)})"
        )
        return [row["id"] for row in rows]

    def wait(self, identity: str, what: str, meanwhile: t.Callable[[], None] | None = None) -> None:
        """Wait for the end; `what` describes it in messages. Raise PlatformError where it failed or takes too long.

        `meanwhile` is called now and then.
        """
        started = reported = called = time.monotonic()
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
            if meanwhile and now - called > _MEANWHILE_EVERY:
                meanwhile()
                called = now
            time.sleep(min(_INTERVAL * max(now - started, 1.0) ** 0.5, _LONGEST_INTERVAL))


def failure(what: str, error: str) -> PlatformError:
    """Return the error of a backup or restore that failed in the engine."""
    code = int(
        "".join(character for character in error.partition("Code:")[2].partition(".")[0] if character.isdigit()) or 0
    )
    fix = _FIXES.get(code, "")
    return ClickHouseError(f"ClickHouse could not {what}: {error} {fix}".rstrip(), code)
