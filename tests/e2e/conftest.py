# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A lab for the whole story of a module's tests, apart from the session's, and what it writes down."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.labs import Clients, running_lab


@pytest.fixture(scope="module")
def rights_record(tmp_path_factory) -> Iterator[Path]:
    """The file in which the module's labs write down which rights were needed, also after a restart."""
    file = tmp_path_factory.mktemp("record") / "rights.jsonl"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAB_RECORD_RIGHTS", str(file))
        yield file


@pytest.fixture(scope="module")
def own_lab(tmp_path_factory, rights_record) -> Iterator[Clients]:
    """An empty account at the beginning of the module; the tests of a module build on one another."""
    with running_lab(tmp_path_factory.mktemp("story"), instances=True) as clients:
        yield clients
