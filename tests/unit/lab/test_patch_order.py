# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The order of the emulator's patches names every patch, and each once."""

from __future__ import annotations

from pathlib import Path

from lab.emulator import patches


def test_the_order_names_every_patch_once():
    files = Path(patches.__file__).parent.glob("*/*.py")
    there = [f"{file.parent.name}.{file.stem}" for file in files if not file.name.startswith("_")]
    assert sorted(patches.ORDER) == sorted(there)
