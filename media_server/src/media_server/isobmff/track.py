# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read init segments: how the samples of the only track are encrypted (ISO/IEC 23001-7, `tenc` and `pssh`)."""

from __future__ import annotations

from dataclasses import dataclass

from media_server.isobmff.boxes import U8, U32, Box, Data, Fields, boxes, children, only
from media_server.isobmff.errors import TamperedError

SCHEMES = ("cenc", "cbcs")
# The Common PSSH system, of no vendor: https://www.w3.org/TR/eme-initdata-cenc/#common-system
COMMON_SYSTEM = bytes.fromhex("1077efecc0b24d02ace33c1e52e2fb4b")

_KID_LENGTH = 16
_SAMPLE_ENTRY_FIELDS = {b"encv": 78, b"enca": 28}


@dataclass(frozen=True, slots=True)
class Track:
    """What is needed to read a media segment. `kid_offsets` are the places of the key ID in the init segment."""

    scheme: str
    kid: bytes
    track_id: int
    default_sample_size: int
    iv_size: int
    constant_iv: bytes
    crypt_blocks: int
    skip_blocks: int
    kid_offsets: tuple[int, ...]


def read_track(data: Data) -> Track:
    """Read an init segment with one encrypted track. Raise TamperedError for anything else."""
    moov = only(boxes(data, 0, len(data)), b"moov")
    trak = only(children(data, moov), b"trak")
    scheme, protection = _sample_entry(data, trak)
    kid, fields = _track_encryption(data, scheme, protection)
    trex = Fields(data, only(children(data, only(children(data, moov), b"mvex")), b"trex"))
    trex.version_and_flags()
    (track_id,) = trex.take(U32)
    trex.skip(8)
    (default_sample_size,) = trex.take(U32)
    offsets = [fields.pop("kid_offset")]
    for box in children(data, moov):
        if box.kind == b"pssh":
            offsets += kid_offsets_of_pssh(data, box, kid)
    return Track(
        scheme=scheme,
        kid=kid,
        track_id=track_id,
        default_sample_size=default_sample_size,
        kid_offsets=tuple(offsets),
        **fields,
    )


def _sample_entry(data: Data, trak: Box) -> tuple[str, Box]:
    box = trak
    for kind in (b"mdia", b"minf", b"stbl", b"stsd"):
        box = only(children(data, box), kind)
    fields = Fields(data, box)
    fields.version_and_flags()
    (count,) = fields.take(U32)
    entries = list(children(data, box, skip=8))
    if count != 1 or len(entries) != 1:
        raise TamperedError("the track has more than one sample entry, or none: only one is supported")
    entry = entries[0]
    if entry.kind not in _SAMPLE_ENTRY_FIELDS:
        raise TamperedError(f"the track is not encrypted: its sample entry is {entry.name}")
    protection = only(children(data, entry, skip=_SAMPLE_ENTRY_FIELDS[entry.kind]), b"sinf")
    schm = Fields(data, only(children(data, protection), b"schm"))
    schm.version_and_flags()
    scheme = schm.take_bytes(4).decode("ascii", "backslashreplace")
    if scheme not in SCHEMES:
        raise TamperedError(f"the encryption scheme {scheme!r} is not supported")
    return scheme, only(children(data, protection), b"schi")


def _track_encryption(data: Data, scheme: str, schi: Box) -> tuple[bytes, dict]:
    tenc = Fields(data, only(children(data, schi), b"tenc"))
    version, _ = tenc.version_and_flags()
    tenc.skip(1)
    (pattern,) = tenc.take(U8)
    (protected,) = tenc.take(U8)
    (iv_size,) = tenc.take(U8)
    kid_offset = tenc.at
    kid = tenc.take_bytes(_KID_LENGTH)
    constant_iv = b""
    if not iv_size:
        (length,) = tenc.take(U8)
        constant_iv = tenc.take_bytes(length)
    tenc.done()
    crypt, skip = (pattern >> 4, pattern & 15) if version else (0, 0)
    _check(scheme, version, protected, iv_size, len(constant_iv), crypt, skip)
    return kid, {
        "kid_offset": kid_offset,
        "iv_size": iv_size,
        "constant_iv": constant_iv,
        "crypt_blocks": crypt,
        "skip_blocks": skip,
    }


def _check(scheme: str, version: int, protected: int, iv_size: int, constant: int, crypt: int, skip: int) -> None:
    if version > 1 or protected != 1:
        raise TamperedError("tenc has a version, or a protection, that is not supported")
    if scheme == "cenc" and (iv_size not in (8, 16) or crypt or skip):
        raise TamperedError("tenc does not fit the scheme cenc, which has an IV per sample and no pattern")
    if scheme == "cbcs" and ((iv_size or constant) != 16 or (skip and not crypt)):
        raise TamperedError(
            "tenc does not fit the scheme cbcs, which has an IV of 16 bytes and a pattern that encrypts something"
        )


def kid_offsets_of_pssh(data: Data, box: Box, kid: bytes) -> list[int]:
    """Return the offsets of the key ID in a `pssh` of the Common PSSH system, which contains nothing but key IDs."""
    fields = Fields(data, box)
    version, _ = fields.version_and_flags()
    if fields.take_bytes(16) != COMMON_SYSTEM or version != 1:
        raise TamperedError("pssh belongs to a protection system whose data cannot be rewritten here")
    (count,) = fields.take(U32)
    if count * _KID_LENGTH > fields.left:
        raise TamperedError("pssh is too short for its declared content")
    offsets = []
    for _ in range(count):
        offsets.append(fields.at)
        if fields.take_bytes(_KID_LENGTH) != kid:
            raise TamperedError("pssh names another key than the track")
    (length,) = fields.take(U32)
    fields.skip(length)
    fields.done()
    return offsets
