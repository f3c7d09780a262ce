# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read which modules of a source tree import which others."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path


def modules_of(root: Path, prefix: str) -> dict[str, Path]:
    """Return the modules below a folder by their dotted name, which begins with `prefix`; a package is its __init__."""
    found = {}
    for file in root.rglob("*.py"):
        parts = (prefix, *file.relative_to(root).with_suffix("").parts)
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


def imports(file: Path, modules: dict[str, Path]) -> Iterator[str]:
    """Yield what a file imports, wherever in it: the module itself where it is one of `modules`, else as the statement names it."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for name in node.names:
                whole = f"{node.module}.{name.name}"
                yield whole if whole in modules else node.module


def graph_of(modules: dict[str, Path], package_of: Callable[[str], str]) -> dict[str, set[str]]:
    """Return which packages import which others; `package_of` names a module's package."""
    graph: dict[str, set[str]] = {}
    for module, file in modules.items():
        package = package_of(module)
        imported = {package_of(name) for name in imports(file, modules) if name in modules}
        graph.setdefault(package, set()).update(imported - {package})
    return graph
