# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Write rows as applications do: to the writer that the region records name, and again where it is refused.

Read the settings as JSON from the first line of standard input; at the end print what was acknowledged and what failed.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
import time
from pathlib import Path

import boto3
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.connection import connector
from botocore.config import Config

_PAUSE, _POLL = 0.02, 0.08
# The pause of a writer that is refused for as long as its region is passive.
_PINNED_PAUSE = 0.25
# The pause between a thread's writes. Without it eight threads outrun a replica that shares the cores of its writer.
_THINK = 0.04


class Pinned:
    """Write to one endpoint, whatever the record says."""

    pause = _PINNED_PAUSE

    def __init__(self, endpoint: str):
        self.endpoint = endpoint


class Follower:
    """Follow the writer: the record with the highest epoch of all copies that can be read."""

    pause = _PAUSE

    def __init__(self, settings: dict, stop: threading.Event):
        self.endpoint = ""
        self._epoch = 0
        self._settings = settings
        self._stop = stop
        self._lock = threading.Lock()
        for region, url in settings["apis"].items():
            threading.Thread(target=self._follow, args=(region, url), daemon=True).start()

    def _follow(self, region: str, url: str) -> None:
        config = Config(connect_timeout=1, read_timeout=1, retries={"max_attempts": 0})
        client = boto3.client("dynamodb", region_name=region, endpoint_url=url, config=config)
        while not self._stop.wait(_POLL):
            with contextlib.suppress(Exception):
                key = {"name": {"S": "active"}}
                item = client.get_item(TableName=self._settings["table"], Key=key, ConsistentRead=True)["Item"]
                epoch, endpoint = int(item["epoch"]["N"]), item["writer_endpoint"]["S"]
                with self._lock:
                    if epoch > self._epoch:
                        self._epoch, self.endpoint = epoch, endpoint


class Writer(threading.Thread):
    """Write rows, each with the number of the thread and a count."""

    def __init__(self, number: int, settings: dict, follower: Follower | Pinned, stop: threading.Event):
        super().__init__(daemon=True)
        self._number = number
        self._settings = settings
        self._follower = follower
        self._halt = stop
        self.acknowledged: list[tuple[int, int, float, str]] = []
        self.errors: list[tuple[float, int | str]] = []

    def run(self) -> None:
        connection, endpoint, count = None, "", 0
        while not self._follower.endpoint:
            time.sleep(_POLL)
        while not self._halt.is_set():
            try:
                if connection is None:
                    endpoint = self._follower.endpoint
                    connection = self._connect(endpoint)
                count += 1  # whatever becomes of this row, the next one is another
                with connection.cursor() as cursor:
                    cursor.execute("INSERT INTO app.rows_of (writer, number) VALUES (%s, %s)", [self._number, count])
                self.acknowledged.append((self._number, count, time.time(), endpoint))
                self._halt.wait(_THINK)
            except Exception as error:
                self.errors.append((time.time(), error.args[0] if error.args else repr(error)))
                with contextlib.suppress(Exception):
                    connection.close()
                connection = None
                time.sleep(self._follower.pause)

    def _connect(self, endpoint: str):
        settings = self._settings
        region = endpoint.split(".")[2]
        with Path(settings["spaces"][region]).open() as space:
            os.setns(space.fileno(), os.CLONE_NEWNET)  # of this thread alone
        address = json.loads(Path(settings["names"]).read_text())[endpoint]
        connect = connector(endpoint, 3306, address, settings["ca"], connect_timeout=2, read_timeout=5)
        return connect(settings["user"], settings["password"])


def main() -> None:
    settings, stop = json.loads(sys.stdin.readline()), threading.Event()
    follower = Follower(settings, stop)
    followers = [follower] * settings["threads"] + [Pinned(endpoint) for endpoint in settings["pinned"]]
    writers = [Writer(number, settings, item, stop) for number, item in enumerate(followers)]
    for writer in writers:
        writer.start()
    sys.stdin.readline()
    stop.set()
    for writer in writers:
        writer.join(15)
    acknowledged = [row for writer in writers for row in writer.acknowledged]
    print(json.dumps({"acknowledged": acknowledged, "errors": [item for writer in writers for item in writer.errors]}))


if __name__ == "__main__":
    main()
