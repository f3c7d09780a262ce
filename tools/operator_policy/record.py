# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read what a lab recorded with LAB_RECORD_RIGHTS: the actions that a caller needed, and the calls that were not checked."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Recorded:
    """The actions that were checked, and (`unchecked`) the operations of services whose rights the emulator doesn't know."""

    actions: frozenset[str]
    unchecked: frozenset[str]


def read(file: Path, caller: str) -> Recorded:
    """Read what an IAM user asked for."""
    checks = [json.loads(line) for line in file.read_text().splitlines()]
    own = [check for check in checks if check["caller"].endswith(f":user/{caller}")]
    return Recorded(
        actions=frozenset(check["action"] for check in own if "action" in check),
        unchecked=frozenset(check["unchecked"] for check in own if "unchecked" in check),
    )


def of_policy(policy: dict[str, Any], as_they_stand: Iterable[str], unchecked: Iterable[str]) -> Recorded:
    """Return a record of what a made policy bounds by the rules: all but the statements of these names, and the denials."""
    left_out = set(as_they_stand)
    statements = [statement for entry in policy["policies"] for statement in entry["document"]["Statement"]]
    bounded = [each for each in statements if each["Effect"] == "Allow" and each["Sid"] not in left_out]
    return Recorded(frozenset(action for each in bounded for action in each["Action"]), frozenset(unchecked))
