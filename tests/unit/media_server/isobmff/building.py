# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Init and media segments built box by box, so that tests can build wrong ones."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace

KID = bytes(range(16))
COMMON_SYSTEM = bytes.fromhex("1077efecc0b24d02ace33c1e52e2fb4b")


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", 8 + len(body)) + kind + body


def full(kind: bytes, version: int, flags: int, *parts: bytes) -> bytes:
    return box(kind, struct.pack(">I", version << 24 | flags), *parts)


def u32(*values: int) -> bytes:
    return struct.pack(f">{len(values)}I", *values)


def tenc(
    *,
    version: int = 1,
    pattern: int = 0x19,
    protected: int = 1,
    iv_size: int = 0,
    iv: bytes = bytes(16),
    more: bytes = b"",
) -> bytes:
    constant = bytes([len(iv)]) + iv if not iv_size else b""
    return full(b"tenc", version, 0, bytes([0, pattern, protected, iv_size]), KID, constant, more)


CENC = tenc(version=0, pattern=0, iv_size=8)


def pssh(
    kid: bytes = KID, *, version: int = 1, system: bytes = COMMON_SYSTEM, count: int = 1, data: bytes = b""
) -> bytes:
    return full(b"pssh", version, 0, system, u32(count), kid, u32(len(data)), data)


def init(
    scheme: bytes = b"cbcs",
    encryption: bytes | None = None,
    *,
    entry: bytes = b"encv",
    entries: int = 1,
    tracks: int = 1,
    psshs: Sequence[bytes] = (pssh(),),
    default_size: int = 0,
) -> bytes:
    sinf = box(
        b"sinf",
        box(b"frma", b"avc1"),
        full(b"schm", 0, 0, scheme, u32(0x10000)),
        box(b"schi", tenc() if encryption is None else encryption),
    )
    sample_entry = box(entry, bytes(28 if entry == b"enca" else 78), sinf)
    stsd = full(b"stsd", 0, 0, u32(entries), sample_entry * entries)
    trak = box(b"trak", box(b"mdia", box(b"minf", box(b"stbl", stsd))))
    mvex = box(b"mvex", full(b"trex", 0, 0, u32(1, 1, 0, default_size, 0)))
    return box(b"ftyp", b"mp41") + box(b"moov", trak * tracks, mvex, *psshs)


@dataclass(frozen=True)
class Segment:
    """A fragment with two samples. A field that is None is left out; `more` is appended to traf."""

    sizes: tuple[int, ...] = (100, 60)
    subsamples: tuple[tuple[int, ...], ...] | None = ((20, 80), (10, 20, 0, 30))
    ivs: tuple[bytes, ...] = (b"", b"")
    track_id: int = 1
    tfhd_flags: int = 0x20000
    tfhd_fields: bytes = b""
    trun_flags: int = 0x201
    trun_count: int | None = None
    offset: int | None = None
    senc_count: int | None = None
    saio: int | None = 0
    saiz: tuple[int, ...] | None = ()
    truns: int = 1
    trafs: int = 1
    more: bytes = b""
    payload: bytes | None = None
    before: bytes = b""
    after: bytes = b""

    def but(self, **changes: object) -> Segment:
        return replace(self, **changes)  # type: ignore[arg-type]

    def build(self) -> bytes:
        # Offsets depend on lengths, which don't depend on offsets.
        moof = self._moof(0, 0)
        senc_at = moof.find(b"senc") + 4 + 8
        moof = self._moof(len(moof) + 8, senc_at)
        payload = bytes(sum(self.sizes)) if self.payload is None else self.payload
        return self.before + moof + box(b"mdat", payload) + self.after

    def _moof(self, data_at: int, senc_at: int) -> bytes:
        offset = data_at if self.offset is None else self.offset
        count = len(self.sizes) if self.trun_count is None else self.trun_count
        columns = u32(*self.sizes) if self.trun_flags & 0x200 else b""
        trun = full(
            b"trun", 0, self.trun_flags, u32(count), struct.pack(">i", offset) if self.trun_flags & 1 else b"", columns
        )
        traf = box(
            b"traf",
            full(b"tfhd", 0, self.tfhd_flags, u32(self.track_id), self.tfhd_fields),
            trun * self.truns,
            self._saiz(),
            b"" if self.saio is None else full(b"saio", 0, 0, u32(1, senc_at + self.saio)),
            self._senc(),
            self.more,
        )
        return box(b"moof", full(b"mfhd", 0, 0, u32(1)), traf * self.trafs)

    def _entries(self) -> list[bytes]:
        if self.subsamples is None:
            return list(self.ivs)
        return [
            iv + struct.pack(">H", len(lengths) // 2) + struct.pack(">" + "HI" * (len(lengths) // 2), *lengths)
            for iv, lengths in zip(self.ivs, self.subsamples, strict=True)
        ]

    def _senc(self) -> bytes:
        count = len(self.ivs) if self.senc_count is None else self.senc_count
        return full(b"senc", 0, 0 if self.subsamples is None else 2, u32(count), *self._entries())

    def _saiz(self) -> bytes:
        if self.saiz is None:
            return b""
        sizes = bytes(self.saiz or map(len, self._entries()))
        return full(b"saiz", 0, 0, b"\0", u32(len(sizes)), sizes)
