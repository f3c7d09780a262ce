# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read `senc`: the IV and the encrypted parts of each sample (ISO/IEC 23001-7, 7.2)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from media_server.isobmff.boxes import U16, U32, Box, Data, Fields
from media_server.isobmff.errors import TamperedError
from media_server.isobmff.track import Track

_SUBSAMPLES = 0x2
_SUBSAMPLE = struct.Struct(">HI")


@dataclass(frozen=True, slots=True)
class Encryption:
    """The clear and encrypted length of each subsample, or None if the whole sample is encrypted."""

    iv: bytes
    subsamples: list[tuple[int, int]] | None

    @property
    def auxiliary_size(self) -> int:
        """Return the size of this entry in senc, in bytes."""
        if self.subsamples is None:
            return len(self.iv)
        return len(self.iv) + U16.size + len(self.subsamples) * _SUBSAMPLE.size

    def ranges(self, start: int, size: int) -> list[tuple[int, int]]:
        """Return the encrypted ranges of the sample at `start`. Raise TamperedError if the lengths don't add up to `size`."""
        if self.subsamples is None:
            return [(start, start + size)] if size else []
        end = start + size
        found = []
        for clear, encrypted in self.subsamples:
            start += clear
            if encrypted:
                found.append((start, start + encrypted))
            start += encrypted
        if start != end:
            raise TamperedError("the subsamples of a sample do not add up to its size")
        return found


def whole_samples(track: Track, count: int) -> list[Encryption]:
    """Return entries for fully encrypted samples with the constant IV, which is what a missing senc means."""
    if track.iv_size:
        raise TamperedError("senc is missing, and the track has no constant IV")
    return [Encryption(b"", None)] * count


def read_encryption(data: Data, track: Track, senc: Box, count: int) -> list[Encryption]:
    """Read one entry per sample. Raise TamperedError if senc does not contain exactly `count`."""
    fields = Fields(data, senc)
    version, flags = fields.version_and_flags()
    if version or flags & ~_SUBSAMPLES:
        raise TamperedError("senc has a version, or flags, that are not supported")
    if fields.take(U32) != (count,):
        raise TamperedError("senc and trun have different sample counts")
    if not flags & _SUBSAMPLES and not track.iv_size:
        entries = whole_samples(track, count)
    else:
        entries = [_entry(fields, track.iv_size, bool(flags & _SUBSAMPLES)) for _ in range(count)]
    fields.done()
    return entries


def _entry(fields: Fields, iv_size: int, subsamples: bool) -> Encryption:
    iv = fields.take_bytes(iv_size)
    if not subsamples:
        return Encryption(iv, None)
    (count,) = fields.take(U16)
    return Encryption(iv, list(_SUBSAMPLE.iter_unpack(fields.take_bytes(count * _SUBSAMPLE.size))))
