# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The lab's networks: one Docker bridge a region, on whose gateway address the region's front listens as well."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path

_LABEL = "knowledgecity.platform.lab"

# Set apart for tests between networks (RFC 2544), so nobody's own addresses are in the way.
_SUBNETS = tuple(f"198.{18 + number // 256}.{number % 256}.0/24" for number in range(512))


class NetworkError(Exception):
    """A network of the lab could not be made or removed."""


def name_of(home: Path, region: str) -> str:
    """The network's name: unlike that of any other checkout's lab."""
    return f"kc-lab-{hashlib.sha256(str(home).encode()).hexdigest()[:8]}-{region}"


def ensure(home: Path, regions: tuple[str, ...]) -> dict[str, str]:
    """Create the networks that are missing; returns the gateway address of each region's."""
    existing = _gateways(home)
    return {region: existing.get(name_of(home, region)) or _create(home, region) for region in regions}


def remove(home: Path) -> list[str]:
    """Remove the lab's networks; returns their names."""
    names = list(_gateways(home))
    if names:
        _docker("network", "rm", *names)
    return names


def _gateways(home: Path) -> dict[str, str]:
    names = _docker("network", "ls", "--filter", f"label={_LABEL}={home}", "--format", "{{.Name}}").split()
    if not names:
        return {}
    return {
        found["Name"]: found["IPAM"]["Config"][0]["Gateway"]
        for found in json.loads(_docker("network", "inspect", *names))
    }


def _create(home: Path, region: str) -> str:
    name = name_of(home, region)
    for subnet in _SUBNETS:
        gateway = subnet.replace(".0/24", ".1")
        try:
            _docker(
                "network", "create", "--driver", "bridge", "--subnet", subnet, "--gateway", gateway,
                "--label", f"{_LABEL}={home}", name,
            )  # fmt: skip
        except NetworkError as error:
            if "overlaps" not in str(error):
                raise
            continue
        return gateway
    raise NetworkError("no free subnet is left for the lab's networks: remove those of other labs (lab down)")


def _docker(*arguments: str) -> str:
    ran = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)
    if ran.returncode:
        raise NetworkError(f"docker {arguments[0]} {arguments[1]}: {ran.stderr.strip()}")
    return ran.stdout
