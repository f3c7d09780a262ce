# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The emulator's patches: the order names each once, and each has a test."""

from __future__ import annotations

from pathlib import Path

from lab.emulator import patches
from lab.settings import CHECKOUT


def _names(folder: Path, prefix: str = "") -> list[str]:
    files = (file for file in folder.glob(f"*/{prefix}*.py") if not file.name.startswith("_"))
    return sorted(f"{file.parent.name}.{file.stem.removeprefix(prefix)}" for file in files)


def test_the_order_names_every_patch_once():
    assert sorted(patches.ORDER) == _names(Path(patches.__file__).parent)


def test_every_patch_has_a_test():
    assert sorted(patches.ORDER) == _names(CHECKOUT / "tests" / "lab" / "patches", "test_")
