# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A lab that carries instances: one a module, since each takes containers, namespaces and time to boot."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.labs import Clients, running_lab


@pytest.fixture(scope="module")
def carrying(tmp_path_factory) -> Iterator[Clients]:
    """The module's lab."""
    with running_lab(tmp_path_factory.mktemp("lab"), instances=True) as clients:
        yield clients
