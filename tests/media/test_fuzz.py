# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A mutated segment gives a segment of the same length or TamperedError; fast, and with little memory."""

from __future__ import annotations

import contextlib
import io
import random
import struct
import tracemalloc
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from media_server.packaging.cmaf import Protection, package_cmaf
from media_server.packaging.ladder import Rung
from media_server.packaging.transcode import Encodings
from media_server.rekey import TamperedError, read_track, rekey_init, rekey_manifest, rekey_segment, rekey_stream

from tests.media.sources import moving_picture

OLD_KEY, NEW_KEY, KID, NEW_KID = (bytes(range(start, start + 16)) for start in (0, 16, 32, 48))
EXAMPLES = 400
# Typical sizes, counts and offsets.
NUMBERS = [0, 1, 2, 7, 8, 15, 16, 0x7F, 0x80, 0xFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF0, 0xFFFFFFFF]

bounded = settings(
    max_examples=EXAMPLES,
    deadline=timedelta(seconds=2),
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[bytes]]:
    """Return init and media segments of each scheme and kind."""
    base = tmp_path_factory.mktemp("fuzz")
    (base / "clear").mkdir()
    source = moving_picture(base / "clear" / "source.mp4", seconds=1, size="64x64")
    found = {}
    for scheme in ("cbcs", "cenc"):
        out = base / scheme
        out.mkdir()
        package_cmaf(Encodings([(Rung(64, 64, 1), source)], source), out, Protection(scheme, KID, OLD_KEY, KID))
        for name in ("video_64", "audio"):
            found[f"{scheme} {name}"] = [(out / name / file).read_bytes() for file in ("init.mp4", "1.m4s")]
    found["manifest"] = [(Path(base) / "cbcs" / "manifest.mpd").read_bytes()]
    return found


def mutations() -> st.SearchStrategy[Callable[[bytes], bytes]]:
    place = st.floats(0, 1, exclude_max=True)
    set_byte = st.builds(
        lambda at, value: lambda data: spliced(data, at, bytes([value]), 1), place, st.integers(0, 255)
    )
    set_number = st.builds(
        lambda at, value: lambda data: spliced(data, at, struct.pack(">I", value), 4), place, st.sampled_from(NUMBERS)
    )
    set_length = st.builds(lambda at, value: lambda data: with_length(data, at, value), place, st.sampled_from(NUMBERS))
    insert = st.builds(
        lambda at, more: lambda data: spliced(data, at, more, 0), place, st.binary(min_size=1, max_size=40)
    )
    remove = st.builds(lambda at, count: lambda data: spliced(data, at, b"", count), place, st.integers(1, 40))
    cut = st.builds(lambda at: lambda data: data[: int(at * len(data))], place)
    copy = st.builds(lambda at, to, count: lambda data: copied(data, at, to, count), place, place, st.integers(4, 200))
    return st.one_of(set_byte, set_number, set_length, insert, remove, cut, copy)


def spliced(data: bytes, at: float, new: bytes, count: int) -> bytes:
    # Most of what is parsed is at the beginning.
    start = int(at * at * len(data))
    return data[:start] + new + data[start + count :]


def with_length(data: bytes, at: float, value: int) -> bytes:
    """Change the size of a box, or what follows its name: version, flags, count."""
    kinds = (
        b"moof",
        b"traf",
        b"tfhd",
        b"trun",
        b"senc",
        b"saiz",
        b"saio",
        b"mdat",
        b"moov",
        b"stsd",
        b"tenc",
        b"pssh",
        b"sidx",
    )
    places = [found + shift for kind in kinds if (found := data.find(kind)) >= 0 for shift in (-4, 4, 8, 12)]
    start = places[int(at * len(places))] if places else 0
    return data[:start] + struct.pack(">I", value) + data[start + 4 :]


def copied(data: bytes, at: float, to: float, count: int) -> bytes:
    start, end = int(at * len(data)), int(to * len(data))
    return data[:end] + data[start : start + count] + data[end:]


KINDS = ["cbcs video_64", "cbcs audio", "cenc video_64", "cenc audio"]


@pytest.mark.parametrize("kind", KINDS)
def test_mutated_segments(files: dict[str, list[bytes]], kind: str):
    init, segment = files[kind]
    track = read_track(init)
    outcomes = {"kept": 0, "refused": 0}

    @bounded
    @given(st.lists(mutations(), min_size=1, max_size=3))
    def check(changes: list[Callable[[bytes], bytes]]) -> None:
        data = segment
        for change in changes:
            data = change(data)
        try:
            assert len(rekey_segment(data, track, OLD_KEY, NEW_KEY)) == len(data)
            outcomes["kept"] += 1
        except TamperedError:
            outcomes["refused"] += 1

    check()
    assert min(outcomes.values()) > EXAMPLES // 20, outcomes


@pytest.mark.parametrize("kind", KINDS)
def test_mutated_inits(files: dict[str, list[bytes]], kind: str):
    init, segment = files[kind]

    @bounded
    @given(st.lists(mutations(), min_size=1, max_size=3))
    def check(changes: list[Callable[[bytes], bytes]]) -> None:
        data = init
        for change in changes:
            data = change(data)
        try:
            assert len(rekey_init(data, NEW_KID)) == len(data)
            rekey_segment(segment, read_track(data), OLD_KEY, NEW_KEY)
        except TamperedError:
            pass

    check()


@bounded
@given(st.binary(max_size=300), st.sampled_from([b"", b"\0\0\0\x10moof", b"\0\0\0\x20moov", b"\0\0\0\x08mdat"]))
def test_random_bytes(data: bytes, start: bytes):
    for read in (read_track, lambda given: rekey_init(given, NEW_KID)):
        with pytest.raises(TamperedError):
            read(start + data)


@bounded
@given(st.binary(max_size=300))
def test_random_streams(data: bytes):
    with contextlib.suppress(TamperedError):
        assert rekey_stream(io.BytesIO(data), io.BytesIO(), OLD_KEY, KID, NEW_KEY, KID) == len(data)


def test_mutated_manifests(files: dict[str, list[bytes]]):
    (manifest,) = files["manifest"]

    @bounded
    @given(st.lists(mutations(), min_size=1, max_size=3))
    def check(changes: list[Callable[[bytes], bytes]]) -> None:
        data = manifest
        for change in changes:
            data = change(data)
        with contextlib.suppress(TamperedError):
            rekey_manifest(data.decode("latin-1"), KID, NEW_KID)

    check()


@pytest.mark.parametrize("kind", KINDS)
def test_no_count_makes_it_allocate_memory(files: dict[str, list[bytes]], kind: str):
    init, segment = files[kind]
    track = read_track(init)
    chosen = random.Random(7)
    tracemalloc.start()
    for _ in range(300):
        data = with_length(segment, chosen.random(), chosen.choice(NUMBERS))
        with contextlib.suppress(TamperedError):
            rekey_segment(data, track, OLD_KEY, NEW_KEY)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20 * len(segment) + (1 << 20)
