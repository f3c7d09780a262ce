# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""How long the lab's services know nothing of each other's news, as AWS's do for seconds to hours.

A lab has no lags, until a test writes `lags.json` into its state: seconds by what lags, read anew at each look. `iam`: a new role
is unknown to calls that read its policies, and to key policies. `listed`: GetResources lists what was deleted.
"""

from __future__ import annotations

import json
import os
from pathlib import Path


def seconds(what: str) -> float:
    """Return how long something lags, in seconds."""
    file = Path(os.environ["STATE_DIR"]).parent / "lags.json"
    try:
        return float(json.loads(file.read_text()).get(what, 0))
    except (OSError, ValueError):
        return 0.0
