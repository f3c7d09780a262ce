# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Let a lab's services lag behind each other as AWS's do."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator

from tests.support.labs import Clients


@contextlib.contextmanager
def lagging(lab: Clients, **seconds: float) -> Iterator[None]:
    """Set the lab's lags, in seconds by what lags (`iam`, `listed`), and take them back."""
    file = lab.stack.settings.state / "lags.json"
    file.write_text(json.dumps(seconds))
    try:
        yield
    finally:
        file.unlink()
