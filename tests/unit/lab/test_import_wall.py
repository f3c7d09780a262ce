# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The lab's two kinds of processes share no code but what both may read, and no packages import one another in a circle."""

from __future__ import annotations

from graphlib import TopologicalSorter

from lab.settings import CHECKOUT
from tests.support.imports import graph_of, imports, modules_of

# What the emulator's process and the others both read: where files are, the zones' form, and the files in which they are handed on.
SHARED = {"lab.settings", "lab.dns.zones", "lab.dns.files"}


MODULES = modules_of(CHECKOUT / "lab", "lab")


def _of_emulator(module: str) -> bool:
    return f"{module}.".startswith("lab.emulator.")


def test_only_the_emulators_process_imports_the_emulator():
    wrong = [
        f"{module} imports {imported}"
        for module, file in MODULES.items()
        if not _of_emulator(module)
        for imported in imports(file, MODULES)
        if _of_emulator(imported) or imported.partition(".")[0] == "ministack"
    ]
    assert wrong == []


def test_the_emulators_process_imports_nothing_of_the_others():
    wrong = [
        f"{module} imports {imported}"
        for module, file in MODULES.items()
        if _of_emulator(module)
        for imported in imports(file, MODULES)
        if imported.partition(".")[0] == "lab" and not _of_emulator(imported) and imported not in SHARED
    ]
    assert wrong == []


def _room(module: str) -> str:
    """Return a module's package; a module beside packages stands for itself, and a package of patches belongs to the patches."""
    for whole in ("lab.emulator.patches",):
        if f"{module}.".startswith(f"{whole}."):
            return whole
    if MODULES[module].name == "__init__.py":
        return module
    package = module.rpartition(".")[0]
    return module if package in ("lab", "lab.emulator", "lab.runtime") else package


def test_no_packages_import_one_another_in_a_circle():
    assert list(TopologicalSorter(graph_of(MODULES, _room)).static_order())
