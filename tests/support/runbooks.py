# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The commands of the runbooks, so that tests run what people read."""

from __future__ import annotations

import re

from lab.settings import CHECKOUT

_BLOCK = re.compile(r"^( *)```(console|bash)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)


def blocks(name: str) -> list[str]:
    """Return the command blocks of docs/runbooks/NAME, without their indentation."""
    text = (CHECKOUT / "docs" / "runbooks" / name).read_text()
    return [
        "\n".join(line.removeprefix(indentation) for line in block.splitlines())
        for indentation, _kind, block in _BLOCK.findall(text)
    ]


def block_with(name: str, start: str) -> str:
    """Return the only block that contains `start`."""
    (found,) = [block for block in blocks(name) if start in block]
    return found
