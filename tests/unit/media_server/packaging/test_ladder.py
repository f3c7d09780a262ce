# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The encodings of a source."""

from __future__ import annotations

from fractions import Fraction

import pytest
from media_server.errors import BadInputError
from media_server.packaging.ladder import Rung, check_ladder, output_rate, rungs

RATE = Fraction(25)


def sizes(width: int, height: int, lines: list[int] | None = None) -> list[tuple[int, int]]:
    return [(rung.width, rung.height) for rung in rungs(width, height, RATE, lines)]


def test_the_default_ladder_never_enlarges():
    assert sizes(1920, 1080) == [(1920, 1080), (1280, 720), (854, 480), (640, 360)]
    assert sizes(1280, 720) == [(1280, 720), (854, 480), (640, 360)]
    assert sizes(3840, 2160) == sizes(1920, 1080)


def test_requested_rungs_are_unique_and_largest_first():
    assert sizes(1920, 1080, [360, 2160, 1080, 360]) == [(1920, 1080), (640, 360)]


def test_portrait_goes_by_the_shorter_side():
    assert sizes(1080, 1920, [720]) == [(720, 1280)]
    assert [rung.name for rung in rungs(1080, 1920, RATE, [720])] == ["video_720"]


@pytest.mark.parametrize(
    ("width", "height", "expected"), [(320, 240, (320, 240)), (17, 31, (16, 32)), (8192, 16, (8192, 16))]
)
def test_a_small_source_keeps_its_size(width: int, height: int, expected: tuple[int, int]):
    assert sizes(width, height) == [expected]


@pytest.mark.parametrize("lines", range(16, 2500, 7))
def test_all_sides_are_even_and_names_differ(lines: int):
    found = rungs(lines * 2 + 1, lines, RATE)
    assert all(rung.width % 2 == rung.height % 2 == 0 for rung in found)
    assert len({rung.name for rung in found}) == len(found)
    assert all(rung.bits_per_s >= 400_000 for rung in found)


def test_a_higher_frame_rate_has_a_higher_bit_rate():
    (slow,), (fast,) = (rungs(1280, 720, Fraction(rate), [720]) for rate in (30, 60))
    assert (slow, fast) == (Rung(1280, 720, 2_800_000), Rung(1280, 720, 4_200_000))


@pytest.mark.parametrize("lines", [[], [0], [721], [-720], [True], ["720"], [720.5], [1080, None]])
def test_unknown_rungs_are_refused(lines: list):
    with pytest.raises(BadInputError, match="2160, 1440"):
        rungs(1920, 1080, RATE, lines)


@pytest.mark.parametrize("lines", [None, 720, "720", {720: 1}, {720}])
def test_anything_but_a_list_of_rungs_is_refused(lines: object):
    with pytest.raises(BadInputError):
        check_ladder(lines)


def test_output_rate():
    assert [output_rate(Fraction(rate)) for rate in ("30000/1001", "120", "1/10")] == [Fraction(30000, 1001), 60, 1]
