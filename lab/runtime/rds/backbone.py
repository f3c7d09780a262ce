# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Realize AWS's own network between its DB hosts, in all regions: replication goes by it, whatever peers the customer's VPCs."""

from __future__ import annotations

import json
from pathlib import Path

from lab.runtime.rds import names
from lab.runtime.rds.model import Database
from lab.runtime.shell import batch, run, tried

_BRIDGE, _CARD, _PREFIX = "backbone", "rds0", 16


def ensure(home: Path) -> None:
    """Make the network unless it is there."""
    space = names.backbone(home)
    listed = json.loads(run("ip", "-json", "netns", "list") or "[]")
    if space not in [item["name"] for item in listed]:
        run("ip", "netns", "add", space)
        batch([f"link add {_BRIDGE} type bridge", f"link set {_BRIDGE} up"], "ip", "netns", "exec", space)


def remove(home: Path) -> None:
    tried("ip", "netns", "delete", names.backbone(home))


def connect(home: Path, database: Database, pid: int) -> None:
    """Give the server with the process `pid` its card; nothing where it has one."""
    space, link = names.backbone(home), names.port(database.resource_id)
    into = ("nsenter", f"--net=/proc/{pid}/ns/net")
    if tried(*into, "ip", "link", "show", _CARD) is None:
        tried("ip", "-netns", space, "link", "delete", link)  # of a container of before
        run("ip", "link", "add", link, "netns", space, "type", "veth", "peer", "name", _CARD, "netns", str(pid))
    batch([f"link set {link} master {_BRIDGE}", f"link set {link} up"], "ip", "netns", "exec", space)
    address = f"{database.backbone_address}/{_PREFIX}"
    batch([f"address replace {address} dev {_CARD}", f"link set {_CARD} up"], *into)


def disconnect(home: Path, database: Database) -> None:
    """Cut the server off, as when its region is lost."""
    tried("ip", "-netns", names.backbone(home), "link", "set", names.port(database.resource_id), "down")


def introduce(pid: int, source: Database) -> None:
    """Let a server find another one's endpoint by this network."""
    hosts = Path(f"/proc/{pid}/root/etc/hosts")
    lines = [line for line in hosts.read_text().splitlines() if not line.endswith(".rds.amazonaws.com")]
    hosts.write_text("\n".join([*lines, f"{source.backbone_address} {source.endpoint}", ""]))
