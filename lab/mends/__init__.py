# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""What the emulator gets wrong, mended one fault a module.

A module here has a docstring that says what AWS does, and one function `mend()` that changes the emulator in place. It
runs in the emulator's environment. `tests/lab/mends/` holds a test for each, which fails on the emulator as it comes.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable


def names() -> list[str]:
    """The names of all mends, in the order in which they are applied."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))


def apply(without: Iterable[str] = ()) -> None:
    """Mend the emulator; `without` leaves some faults in (all of them: `all`), for the tests that show them."""
    left_out = set(without)
    for name in names():
        if not left_out & {name, "all"}:
            importlib.import_module(f"{__name__}.{name}").mend()
