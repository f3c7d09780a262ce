# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Spot or not, and of which type."""

from __future__ import annotations

import pytest

from lab.emulator.autoscaling.mixed import Distribution, next_is_spot, next_type


@pytest.mark.parametrize(
    ("distribution", "size", "spots"),
    [
        (Distribution(), 4, 0),
        (Distribution(0, 0), 4, 4),
        (Distribution(1, 0), 4, 3),
        (Distribution(1, 50), 5, 2),
        (Distribution(1, 50), 4, 1),  # half of three on demand is two
        (Distribution(9, 0), 4, 0),
    ],
)
def test_a_group_fills_up_as_it_was_distributed(distribution, size, spots):
    kinds = []
    for _number in range(size):
        kinds.append(next_is_spot(distribution, kinds.count(False), kinds.count(True)))
    assert kinds.count(True) == spots


def test_types_by_priority_or_spread():
    assert next_type(["a", "b"], ["a", "a"], spread=False) == "a"
    assert next_type(["a", "b"], ["a"], spread=True) == "b"
    assert next_type(["a", "b"], [], spread=True) == "a"
