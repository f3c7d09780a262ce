# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The scenario's ClickHouse servers: `up` starts one a region and writes how to reach them, `down` leaves nothing of them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from lab.clickhouse.lifecycle import USER
from lab.settings import current
from lab.stack import Stack
from tests.support.clickhouse import remove_server, start_server
from tests.support.labs import Clients

REGIONS = ("me-west-1", "eu-central-1")
SUFFIX = "molecule"


def up(lab: Clients, file: Path) -> None:
    file.touch(mode=0o600)
    servers = {region: start_server(lab, region, suffix=SUFFIX) for region in REGIONS}
    first = servers[REGIONS[0]]
    first("CREATE DATABASE reporting")
    first("CREATE TABLE reporting.events (id UInt64, text String) ENGINE = MergeTree ORDER BY id")
    first("INSERT INTO reporting.events SELECT number, toString(cityHash64(number)) FROM numbers(20000)")
    told = {
        region: {
            "port": server.process.port,
            "user": USER,
            "password": server.process.password,
            "authority": str(lab.stack.settings.ca_certificate),
        }
        for region, server in servers.items()
    }
    file.write_text(json.dumps(told))


def down(lab: Clients, file: Path) -> None:
    for region in REGIONS:
        remove_server(lab, region, SUFFIX)
    file.unlink(missing_ok=True)


if __name__ == "__main__":
    {"up": up, "down": down}[sys.argv[1]](Clients(Stack(current())), Path(sys.argv[2]))
