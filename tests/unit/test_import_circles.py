# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""No packages of the collection or of the media server import one another in a circle. The lab has a test of its own."""

from __future__ import annotations

from graphlib import TopologicalSorter

import pytest

from lab.settings import CHECKOUT
from tests.support.imports import graph_of, modules_of


@pytest.mark.parametrize(
    ("folder", "prefix"),
    [
        ("plugins", "ansible_collections.knowledgecity.platform.plugins"),
        ("media_server/src/media_server", "media_server"),
    ],
)
def test_no_packages_import_one_another_in_a_circle(folder: str, prefix: str):
    modules = modules_of(CHECKOUT / folder, prefix)

    def package_of(module: str) -> str:
        """Return a module's package; a module beside packages stands for itself."""
        file = modules[module]
        if file.name == "__init__.py" or any(file.parent.glob("*/*.py")):
            return module
        return module.rpartition(".")[0]

    graph = graph_of(modules, package_of)
    assert sum(map(len, graph.values())) > 20, "hardly an import was found"
    assert list(TopologicalSorter(graph).static_order())
