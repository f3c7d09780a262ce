# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""For the tests of the lab itself: compare it with a bare one that leaves a fault in, or have one that carries machines."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.support.labs import Clients, running_lab


@pytest.fixture(scope="session")
def lab(tmp_path_factory) -> Iterator[Clients]:
    """A lab that no role or module has left anything in: these tests say what AWS answers, down to the last entry."""
    with running_lab(tmp_path_factory.mktemp("lab")) as clients:
        yield clients


@pytest.fixture
def patched_only(lab, tmp_path):
    """Assert that a behaviour of AWS is shown with a patch, and isn't without it."""

    def check(patch: str, aws_behaviour: Callable[[Clients], bool]) -> None:
        assert aws_behaviour(lab), f"with the patch {patch} the lab does not behave as AWS"
        with running_lab(tmp_path / "bare", without=patch) as bare:
            assert not aws_behaviour(bare), f"the emulator does this by itself: the patch {patch} can go"

    return check


@pytest.fixture(scope="module")
def carrying(tmp_path_factory) -> Iterator[Clients]:
    """A lab that carries instances and databases: one a module, since each takes containers, namespaces and time to boot."""
    with running_lab(tmp_path_factory.mktemp("lab"), instances=True) as clients:
        yield clients
