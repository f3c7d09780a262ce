# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Provide two regions with real MySQL servers and replicated backups, in a lab of their own, since it loses a region."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.labs import running_lab
from tests.support.restores import regions_with_backups
from tests.support.two_regions import TwoRegions


@pytest.fixture(scope="module")
def regions(tmp_path_factory) -> Iterator[TwoRegions]:
    """Start a lab, and make both regions. me-west-1 takes the writes."""
    with running_lab(tmp_path_factory.mktemp("lab"), instances=True) as lab:
        yield regions_with_backups(lab)
