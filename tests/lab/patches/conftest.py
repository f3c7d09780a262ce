# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""For the tests of the emulator's patches: compare the lab with one that lacks the patch."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import pytest

from tests.support import bare_labs
from tests.support.labs import Clients


@pytest.fixture(scope="session")
def bare_lab(tmp_path_factory) -> Iterator[Callable[[str], Clients]]:
    """Start the bare lab of a patch's group, once a session, and empty it."""
    started: dict[int, Clients] = {}
    with contextlib.ExitStack() as running:

        def start(patch: str) -> Clients:
            group = bare_labs.group_of(patch)
            if group not in started:
                left_out = ",".join(bare_labs.members(group))
                lab = bare_labs.lab_with_all_regions(tmp_path_factory.mktemp("bare"), left_out)
                started[group] = running.enter_context(lab)
            return bare_labs.emptied(started[group])

        yield start


@pytest.fixture
def patched_only(lab, bare_lab) -> Callable[[str, Callable[[Clients], bool]], None]:
    """Assert that a behaviour of AWS is shown with a patch, and isn't without it."""

    def check(patch: str, aws_behaviour: Callable[[Clients], bool]) -> None:
        assert aws_behaviour(lab), f"with the patch {patch} the lab does not behave as AWS"
        bare = bare_lab(patch)
        assert not aws_behaviour(bare), f"the emulator does this by itself: the patch {patch} can go"

    return check
