# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Name the template of the built lab, and the parts of the end-to-end scenario that start from it."""

from __future__ import annotations

import functools
from pathlib import Path

from lab import copies
from lab.settings import CHECKOUT

LABS = CHECKOUT / ".build" / "labs"

# The parts of the end-to-end scenario, which together need every right of the operator.
PARTS = ("build", "use", "failover")
_FROM_COPY = {f"tests/e2e/test_{name}.py" for name in ("site_use", "site_failover", "media_hosts_killed")}


@functools.cache
def template() -> Path:
    """Return the folder of the built lab, which may not be there yet; another one whenever its sources change."""
    return LABS / copies.fingerprint("site.yml")


def waits(file: str) -> bool:
    """Whether a test file would have to wait for the built lab."""
    return file in _FROM_COPY and not template().exists()
