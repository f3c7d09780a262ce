# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The order of the emulator's patches names every patch, and each once."""

from __future__ import annotations

import pkgutil

from lab import mends


def test_the_order_names_every_patch_once():
    there = [module.name for module in pkgutil.iter_modules(mends.__path__) if not module.name.startswith("_")]
    assert sorted(mends.ORDER) == sorted(there)
