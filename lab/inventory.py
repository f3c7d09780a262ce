# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read the inventory that the lab is for."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parent.parent


def inventory() -> Path:
    """Return the folder of the inventory that the lab is for: `LAB_INVENTORY`, or the checkout's own."""
    return Path(os.environ.get("LAB_INVENTORY") or CHECKOUT / "inventories" / "lab")


def platform(folder: Path | None = None) -> dict[str, Any]:
    """Read the platform's settings from an inventory."""
    import yaml  # here, as the emulator's environment has no YAML

    return yaml.safe_load(((folder or inventory()) / "group_vars" / "all" / "platform.yml").read_text())
