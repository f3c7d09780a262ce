# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Provide a lab with real MySQL servers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.labs import Clients, running_lab


@pytest.fixture(scope="module")
def databases(tmp_path_factory) -> Iterator[Clients]:
    """Start a lab that runs databases, one for each module of tests: its containers take time to start."""
    with running_lab(tmp_path_factory.mktemp("lab"), instances=True) as clients:
        yield clients
