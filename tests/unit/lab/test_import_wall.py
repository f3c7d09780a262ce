# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The lab's two kinds of processes share no code but what both may read, and no packages import one another in a circle."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

from lab.settings import CHECKOUT

# What the emulator's process and the others both read: where files are, the zones' form, and the files in which they are handed on.
SHARED = {"lab.settings", "lab.dns.zones", "lab.dns.files"}


def _modules() -> dict[str, Path]:
    found = {}
    for file in (CHECKOUT / "lab").rglob("*.py"):
        parts = file.relative_to(CHECKOUT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


MODULES = _modules()


def _imports(file: Path) -> Iterator[str]:
    """Yield the modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for name in node.names:
                whole = f"{node.module}.{name.name}"
                yield whole if whole in MODULES else node.module


def _of_emulator(module: str) -> bool:
    return f"{module}.".startswith("lab.emulator.")


def test_only_the_emulators_process_imports_the_emulator():
    wrong = [
        f"{module} imports {imported}"
        for module, file in MODULES.items()
        if not _of_emulator(module)
        for imported in _imports(file)
        if _of_emulator(imported) or imported.partition(".")[0] == "ministack"
    ]
    assert wrong == []


def test_the_emulators_process_imports_nothing_of_the_others():
    wrong = [
        f"{module} imports {imported}"
        for module, file in MODULES.items()
        if _of_emulator(module)
        for imported in _imports(file)
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
    graph: dict[str, set[str]] = {}
    for module, file in MODULES.items():
        room = _room(module)
        graph.setdefault(room, set()).update(
            {_room(imported) for imported in _imports(file) if imported in MODULES} - {room}
        )
    assert list(TopologicalSorter(graph).static_order())
