# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Measure how far behind a replica is."""

from __future__ import annotations

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.lag import Worker, lag_ms


@pytest.mark.parametrize(
    ("workers", "beat_age_us", "expected"),
    [
        ([Worker(4_000, 10_000, None)], 700_000, 4.0),
        ([Worker(4_000, 10_000, None), Worker(90_000, 20_000, None)], 700_000, 90.0),
        # What is being applied has been waiting for longer than what was applied last.
        ([Worker(4_000, 10_000, 350_000)], 700_000, 350.0),
        # The link is frozen: nothing arrives, so the workers know nothing, and the heartbeat gets old.
        ([Worker(4_000, 8_000_000, None)], 8_000_000, 6500.0),
        # A worker that was slow long ago.
        ([Worker(4_000, 10_000, None), Worker(5_000_000, 60_000_000, None)], 700_000, 4.0),
        ([], 300_000, 0),
        ([Worker(4_000, 10_000, None)], None, None),
    ],
)
def test_the_greatest_of_what_is_known_counts(workers, beat_age_us, expected):
    assert lag_ms(workers, beat_age_us) == expected
