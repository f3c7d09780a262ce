# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The interpretation of ffprobe's output."""

from __future__ import annotations

import copy

import pytest
from media_server.errors import UnprocessableError
from media_server.packaging.probe import Source, read_answer
from media_server.packaging.scan import Scanned

VIDEO = {
    "index": 0, "codec_type": "video", "codec_name": "h264", "width": 1920, "height": 1080, "avg_frame_rate": "25/1",
    "duration": "60.0", "disposition": {"attached_pic": 0},
}  # fmt: skip
AUDIO = {
    "index": 1,
    "codec_type": "audio",
    "codec_name": "aac",
    "channels": 2,
    "sample_rate": "48000",
    "duration": "61.5",
}


def answer(*streams: dict, **formatted: str) -> dict:
    return {"streams": [copy.deepcopy(stream) for stream in streams], "format": formatted or {"duration": "99"}}


def test_the_first_of_each_kind():
    cover = VIDEO | {"index": 7, "disposition": {"attached_pic": 1}}
    found = read_answer(answer(cover, AUDIO, VIDEO, VIDEO | {"index": 3}, AUDIO | {"index": 4}))
    assert found == Source(1920, 1080, 25, 61.5, 0, 1)


def test_without_sound():
    assert read_answer(answer(VIDEO)).audio_index is None


def test_the_container_may_know_the_duration():
    without = {key: value for key, value in VIDEO.items() if key != "duration"}
    assert read_answer(answer(without, duration="12.5")).duration_s == 12.5


def test_sound_alone():
    cover = VIDEO | {"disposition": {"attached_pic": 1}}
    assert read_answer(answer(cover, AUDIO)) == Source(0, 0, 0, 61.5, None, 1)


@pytest.mark.parametrize(("pictures", "rate"), [(50, 30), (100, 30), (2400, 60)])
def test_what_was_scanned_counts_more_than_what_is_declared(pictures: int, rate: int):
    without = VIDEO | {"avg_frame_rate": "0/0", "duration": "90000"}
    found = read_answer(answer(without), Scanned(40.0, pictures))
    assert (found.duration_s, found.rate) == (40.0, rate)
    assert read_answer(answer(VIDEO), Scanned(40.0, pictures)).rate == 25


@pytest.mark.parametrize("scanned", [Scanned(0.0, 0), Scanned(43_201.0, 5)])
def test_a_scan_that_finds_no_duration_or_too_long_a_one(scanned: Scanned):
    with pytest.raises(UnprocessableError) as caught:
        read_answer(answer(VIDEO), scanned)
    assert caught.value.code == "unsupported-duration"


def test_a_format_that_is_only_guessed_is_no_video():
    with pytest.raises(UnprocessableError) as caught:
        read_answer({"streams": [AUDIO], "format": {"duration": "9", "probe_score": 25}})
    assert caught.value.code == "not-a-video"


@pytest.mark.parametrize(
    ("rotation", "size"), [(90, (1080, 1920)), (-90, (1080, 1920)), (180, (1920, 1080)), (0, (1920, 1080))]
)
def test_rotation(rotation: int, size: tuple[int, int]):
    found = read_answer(answer(VIDEO | {"side_data_list": [{}, {"rotation": rotation}]}))
    assert (found.width, found.height) == size


@pytest.mark.parametrize(
    ("found", "code"),
    [
        ({}, "no-video"),
        (answer(), "no-video"),
        (answer(VIDEO | {"disposition": {"attached_pic": 1}}), "no-video"),
        (answer(*[AUDIO] * 64, VIDEO), "unsupported-source"),
        (answer(VIDEO | {"codec_name": "ansi"}), "unsupported-codec"),
        (answer({key: value for key, value in VIDEO.items() if key != "codec_name"}), "unsupported-codec"),
        (answer(VIDEO, AUDIO | {"codec_name": "truehd"}), "unsupported-codec"),
        (answer(VIDEO, AUDIO | {"channels": 0}), "unsupported-source"),
        (answer(VIDEO, AUDIO | {"channels": 17}), "unsupported-source"),
        (answer(VIDEO, AUDIO | {"sample_rate": "0"}), "unsupported-source"),
        (answer(VIDEO | {"width": 0}), "unsupported-size"),
        (answer(VIDEO | {"width": 15}), "unsupported-size"),
        (answer(VIDEO | {"width": 8193}), "unsupported-size"),
        (answer(VIDEO | {"width": 8192, "height": 8192}), "unsupported-size"),
        (answer(VIDEO | {"height": None}), "unsupported-size"),
        (answer(VIDEO | {"height": "1e999"}), "unsupported-size"),
        (answer(VIDEO | {"height": -1080}), "unsupported-size"),
        (answer(VIDEO | {"avg_frame_rate": "0/0"}), "unsupported-rate"),
        (answer(VIDEO | {"avg_frame_rate": "-25/1"}), "unsupported-rate"),
        (answer(VIDEO | {"avg_frame_rate": "90000/1"}), "unsupported-rate"),
        (answer(VIDEO | {"avg_frame_rate": "N/A"}), "unsupported-rate"),
        (answer(VIDEO | {"duration": "43201"}), "unsupported-duration"),
        (answer(VIDEO | {"duration": "nan"}, duration="N/A"), "unsupported-duration"),
        (answer(VIDEO | {"duration": "-1"}), "unsupported-duration"),
        (answer(VIDEO | {"duration": "0"}, duration="inf"), "unsupported-duration"),
    ],
)
def test_refused(found: dict, code: str):
    with pytest.raises(UnprocessableError) as caught:
        read_answer(found)
    assert caught.value.code == code
