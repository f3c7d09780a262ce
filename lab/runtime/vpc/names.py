# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Name what the EC2 reconciler makes on the host: unlike any other lab's, so that it is found again by its name."""

from __future__ import annotations

import hashlib
from pathlib import Path

LABEL = "knowledgecity.platform.lab"

# Marks routes as made by a lab (ip-route(8): numbers up to 255, those below 5 are the kernel's and its tools').
ROUTE_PROTOCOL = "73"


def lab_hash(home: Path) -> str:
    """Tells this lab from others on the machine."""
    return hashlib.sha256(str(home).encode()).hexdigest()


def namespace_prefix(home: Path) -> str:
    return f"kc-{lab_hash(home)[:8]}-"


def namespace(home: Path, network_id: str) -> str:
    """Return the network namespace that is a VPC's router."""
    return namespace_prefix(home) + network_id


def route_metric(home: Path) -> str:
    """Tells this lab's routes on the host from those of a lab with the same addresses."""
    return str(10_000 + int(lab_hash(home)[:4], 16))


def instance_link(instance_id: str) -> str:
    """Return the router's end of an instance's link; names of links have at most 15 characters."""
    return f"i-{instance_id[-12:]}"


def peering_link(peering_id: str) -> str:
    """Either router's end of a peering's link."""
    return f"p-{peering_id[-12:]}"
