# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Choose the sizes in which a source is encoded (the encoding ladder)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from media_server.errors import BadInputError

# Length of the shorter side and bits per second, for H.264 at up to 30 frames per second.
_RUNGS = {
    2160: 12_000_000,
    1440: 8_000_000,
    1080: 5_000_000,
    720: 2_800_000,
    480: 1_400_000,
    360: 800_000,
    240: 400_000,
}
_DEFAULT = (1080, 720, 480, 360)
_MOST_RATE = 60


@dataclass(frozen=True)
class Rung:
    """One encoding of the ladder. The name, also of its folder, has the length of the shorter side."""

    width: int
    height: int
    bits_per_s: int

    @property
    def name(self) -> str:
        return f"video_{min(self.width, self.height)}"


def rungs(width: int, height: int, rate: Fraction, lines: Sequence[int] | None = None) -> list[Rung]:
    """Return the rungs for a source of this size, largest first: the requested (or default) ones that don't enlarge it.

    A source that is smaller than all of them gets one rung of its own size. Raise BadInputError for an unknown rung.
    """
    wanted = _DEFAULT if lines is None else check_ladder(lines)
    shorter = min(width, height)
    fitting = [item for item in wanted if item <= shorter] or [shorter]
    return [_rung(width, height, item, rate) for item in fitting]


def check_ladder(lines: object) -> tuple[int, ...]:
    """Return the requested ladder, largest first and without duplicates.

    Raise BadInputError for anything but heights of rungs.
    """
    known = isinstance(lines, list | tuple) and all(type(item) is int and item in _RUNGS for item in lines)
    if not known or not lines:
        raise BadInputError("unknown-ladder", f"The ladder must name some of {', '.join(map(str, _RUNGS))}.")
    return tuple(sorted(set(lines), reverse=True))


def _rung(width: int, height: int, lines: int, rate: Fraction) -> Rung:
    scale = Fraction(lines, min(width, height))
    bits = _RUNGS.get(lines) or next(bits for at, bits in sorted(_RUNGS.items()) if at >= min(lines, max(_RUNGS)))
    return Rung(_even(width * scale), _even(height * scale), bits * 3 // 2 if rate > 30 else bits)


def _even(length: Fraction) -> int:
    """Round a length to an even number, as 4:2:0 requires."""
    return max(2, 2 * round(length / 2))


def output_rate(rate: Fraction) -> Fraction:
    """Return the frame rate of the encodings: the source's, between 1 and the maximum."""
    return min(max(rate, Fraction(1)), Fraction(_MOST_RATE))
