# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""No packages of the collection or of the media server import one another in a circle. The lab has a test of its own."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from lab.settings import CHECKOUT

COLLECTION = "ansible_collections.knowledgecity.platform."


def _imports(file: Path) -> Iterator[str]:
    """Yield the modules that a file imports, and what it takes from each."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{name.name}" for name in node.names)


def _packages(root: Path, prefix: str) -> dict[str, set[str]]:
    """Read which packages below a folder import which others of it; a module beside packages stands for itself."""

    def package_of(path: Path) -> str:
        parts = path.relative_to(root).with_suffix("").parts
        beside_packages = any(path.parent.glob("*/*.py"))
        return ".".join(parts if beside_packages else parts[:-1])

    files = [file for file in root.rglob("*.py") if file.stat().st_size]
    by_module = {prefix + ".".join(file.relative_to(root).with_suffix("").parts): package_of(file) for file in files}
    by_module |= {module.removesuffix(".__init__"): package for module, package in by_module.items()}
    graph: dict[str, set[str]] = {package: set() for package in by_module.values()}
    for file in files:
        for imported in _imports(file):
            target = by_module.get(imported) or by_module.get(imported.rpartition(".")[0])
            if target and target != package_of(file):
                graph[package_of(file)].add(target)
    return graph


@pytest.mark.parametrize(
    ("folder", "prefix"),
    [("plugins", f"{COLLECTION}plugins."), ("media_server/src/media_server", "media_server.")],
)
def test_no_packages_import_one_another_in_a_circle(folder: str, prefix: str):
    graph = _packages(CHECKOUT / folder, prefix)
    assert sum(map(len, graph.values())) > 20, "hardly an import was found"
    assert list(TopologicalSorter(graph).static_order())
