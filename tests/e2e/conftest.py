# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A lab for the whole story of a module's tests, apart from the session's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.labs import Clients, running_lab


@pytest.fixture(scope="module")
def own_lab(tmp_path_factory) -> Iterator[Clients]:
    """An empty account at the beginning of the module; the tests of a module build on one another."""
    with running_lab(tmp_path_factory.mktemp("story")) as clients:
        yield clients
