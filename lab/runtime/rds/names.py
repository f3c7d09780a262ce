# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Name what the RDS reconciler makes on the host."""

from __future__ import annotations

from pathlib import Path

from lab.runtime.vpc.names import LABEL as EC2_LABEL
from lab.runtime.vpc.names import lab_hash

LABEL = f"{EC2_LABEL}.rds"


def backbone(home: Path) -> str:
    """Return the network namespace that joins the lab's DB hosts; not one of those that are VPCs."""
    return f"kcb-{lab_hash(home)[:8]}"


def port(resource_id: str) -> str:
    """Return the backbone's end of a host's link; names of links have at most 15 characters."""
    return f"b-{resource_id[-12:]}"
