# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""For the tests of the lab itself: a lab of their own, and one that realizes machines."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.bare_labs import lab_with_all_regions
from tests.support.labs import Clients, running_lab


@pytest.fixture(scope="session")
def lab(tmp_path_factory) -> Iterator[Clients]:
    """A lab that no role or module has left anything in: these tests say what AWS answers, down to the last entry."""
    with lab_with_all_regions(tmp_path_factory.mktemp("lab")) as clients:
        yield clients


@pytest.fixture(scope="module")
def lab_with_instances(tmp_path_factory) -> Iterator[Clients]:
    """A lab that realizes instances and databases: one a module, since each takes containers, namespaces and time to boot."""
    with running_lab(tmp_path_factory.mktemp("lab"), instances=True) as clients:
        yield clients
