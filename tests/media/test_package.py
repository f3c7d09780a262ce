# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The result of `package()`, and what it exposes while it runs."""

from __future__ import annotations

import base64
import json
import re
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest
from media_server.errors import UnavailableError
from media_server.packaging import SCHEMES, package, tools

from tests.media.outside import decrypted_by_openssl, frame_hashes, joined, segments
from tests.media.sources import encode, moving_picture

KID, KEY, IV = (bytes.fromhex(one) for one in ("a1" * 16, "b2c3d4e5" * 4, "5e" * 16))
KEYS = {"kid": KID, "key": KEY, "iv": IV}
DASH = "{urn:mpeg:dash:schema:mpd:2011}"


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return moving_picture(tmp_path_factory.mktemp("source") / "source.mp4", seconds=13)


@pytest.fixture(scope="module")
def short_source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return moving_picture(tmp_path_factory.mktemp("short") / "source.mp4", seconds=3)


@pytest.fixture(scope="module", params=SCHEMES)
def scheme(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def packaged(source: Path, scheme: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("packaged") / scheme
    files = package(source, out, scheme=scheme, ladder=[360, 240], **KEYS)
    assert sorted(files) == sorted(str(file.relative_to(out)) for file in out.rglob("*") if file.is_file())
    # Uploads in this order never publish a manifest whose segments are missing.
    assert [Path(name).suffix in (".mpd", ".m3u8") for name in files] == sorted(
        Path(name).suffix in (".mpd", ".m3u8") for name in files
    )
    assert [item.name for item in out.parent.iterdir()] == [scheme]
    return out


def start_of(file: Path) -> float:
    ran = subprocess.run(
        [str(tools.FFPROBE), "-v", "error", "-show_entries", "format=start_time", "-of", "json", str(file)],
        capture_output=True,
        check=True,
    )
    return float(json.loads(ran.stdout)["format"]["start_time"])


def test_every_reference_is_there(packaged: Path):
    for playlist in packaged.rglob("*.m3u8"):
        text = playlist.read_text()
        names = [line for line in text.splitlines() if line and not line.startswith("#")]
        names += [name for name in re.findall(r'URI="([^"]*)"', text) if not name.startswith("urn:uuid:")]
        assert names
        assert all((playlist.parent / name).is_file() for name in names)


def test_playlists_end_and_name_the_key_by_its_id(packaged: Path, scheme: str):
    method = {"cbcs": "SAMPLE-AES", "cenc": "SAMPLE-AES-CTR", "aes-128": "AES-128"}[scheme]
    media = [playlist.read_text() for playlist in packaged.rglob("*.m3u8") if playlist.name != "master.m3u8"]
    assert len(media) == (2 if scheme == "aes-128" else 3)
    for text in media:
        assert text.rstrip().endswith("#EXT-X-ENDLIST")
        keys = re.findall(r'#EXT-X-KEY:METHOD=([A-Z0-9-]*),URI="([^"]*)"', text)
        assert keys == [(method, "urn:uuid:a1a1a1a1-a1a1-a1a1-a1a1-a1a1a1a1a1a1")]
    master = (packaged / "master.m3u8").read_text()
    assert master.count("#EXT-X-STREAM-INF") == 2
    assert 'CODECS="avc1.' in master
    assert "mp4a.40.2" in master


def test_the_manifest_is_static_starts_at_zero_and_holds_a_pssh(packaged: Path, scheme: str):
    if scheme == "aes-128":
        assert not (packaged / "manifest.mpd").exists()
        return
    root = ElementTree.fromstring((packaged / "manifest.mpd").read_text())
    assert root.get("type") == "static"
    starts = [line.findall(f"{DASH}S")[0].get("t") for line in root.iter(f"{DASH}SegmentTimeline")]
    assert starts == ["0", "0", "0"]
    pssh = {element.text for element in root.iter("{urn:mpeg:cenc:2013}pssh")}
    assert [base64.b64decode(one)[12:] for one in pssh] == [
        bytes.fromhex("1077efecc0b24d02ace33c1e52e2fb4b") + b"\0\0\0\x01" + KID + bytes(4)
    ]


def test_pictures_start_at_zero_and_are_encrypted(packaged: Path, scheme: str, tmp_path: Path):
    for name, sound in (("video_360", False), ("video_240", False), ("audio", True)):
        if scheme == "aes-128":
            if sound:
                continue
            first = decrypted_by_openssl(segments(packaged / name, "ts")[0], tmp_path / "first.ts", KEY, IV)
            assert start_of(first) < 0.1
            assert len(frame_hashes(first)) > 150
            continue
        track = joined(packaged / name, tmp_path / "track.mp4")
        assert abs(start_of(track)) < 0.03
        clear, wrong = frame_hashes(track, KEY), frame_hashes(track, bytes(16))
        assert len(clear) == 325 if not sound else len(clear) > 600
        assert clear != wrong


def test_cbcs_has_the_given_iv_and_cenc_one_of_its_own_a_track(packaged: Path, scheme: str):
    inits = [file.read_bytes() for file in packaged.rglob("init.mp4")]
    if scheme == "cbcs":
        assert len(inits) == 3
        assert all(KID + b"\x10" + IV in init for init in inits)
    if scheme == "cenc":
        first = [(packaged / name / "1.m4s").read_bytes() for name in ("video_360", "video_240", "audio")]
        ivs = {data[at + 12 : at + 20] for data in first if (at := data.index(b"senc"))}
        assert len(ivs) == 3


def test_no_key_on_a_command_line_in_an_environment_or_on_a_disk(
    short_source: Path, scheme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    started: list[tuple] = []
    popen = subprocess.Popen

    def recorded(arguments, **options):
        started.append((arguments, options["env"]))
        return popen(arguments, **options)

    def look(_: float) -> None:
        for file in tmp_path.rglob("*"):
            if file.is_file():
                content = file.read_bytes()
                assert KEY not in content
                assert KEY.hex().encode() not in content

    monkeypatch.setattr(tools.subprocess, "Popen", recorded)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-for-others")
    package(short_source, tmp_path / "out", scheme=scheme, ladder=[240], on_progress=look, **KEYS)
    assert [Path(arguments[0]).name.split("-")[0] for arguments, _ in started] == [
        "ffprobe",
        "ffmpeg",
        "ffmpeg" if scheme == "aes-128" else "packager",
    ]
    assert KEY.hex() not in repr(started).lower()
    assert "not-for-others" not in repr(started)


def test_progress_grows_and_may_end_the_work(short_source: Path, tmp_path: Path):
    told: list[float] = []
    package(short_source, tmp_path / "out", scheme="cbcs", ladder=[240], on_progress=told.append, **KEYS)
    assert told == sorted(told)
    assert told[-1] == 1.0

    class Stopped(Exception):  # noqa: N818
        """Raised like a worker's order to hand back its job."""

    def stop(_: float) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        package(short_source, tmp_path / "other", scheme="cbcs", ladder=[240], on_progress=stop, **KEYS)
    assert [item.name for item in tmp_path.iterdir()] == ["out"]


def test_a_tool_that_hangs_is_ended():
    with pytest.raises(UnavailableError, match="too long"):
        tools.run(tools.FFMPEG, ["-v", "error", "-re", "-f", "lavfi", "-i", "testsrc2", "-f", "null", "-"], timeout_s=1)


@pytest.mark.parametrize(
    ("name", "arguments", "size"),
    [
        ("portrait.mp4", ("-vf", "scale=270:480", "-c:v", "libx264"), "270x480"),
        ("odd.mkv", ("-vf", "scale=321:241", "-pix_fmt", "yuv444p", "-c:v", "libx264"), "320x240"),
        ("small.mp4", ("-vf", "scale=120:90", "-c:v", "libx264"), "120x90"),
        ("transport.ts", ("-c:v", "mpeg2video", "-c:a", "mp2"), "640x360"),
        ("web.webm", ("-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus"), "640x360"),
        ("old.avi", ("-c:v", "mpeg4", "-c:a", "libmp3lame"), "640x360"),
        ("deep.mov", ("-c:v", "prores", "-c:a", "pcm_s16le"), "640x360"),
        ("fast.mp4", ("-r", "120", "-c:v", "libx264"), "640x360"),
        ("silent.mp4", ("-an", "-c:v", "libx264"), "640x360"),
        ("many.mkv", ("-ac", "6", "-c:v", "libx264", "-c:a", "flac"), "640x360"),
        (
            "recorded.mp4",
            ("-vf", "select='not(mod(n\\,7))+gt(n\\,40)'", "-fps_mode", "vfr", "-c:v", "libx264"),
            "640x360",
        ),
        ("late.mkv", ("-af", "asetpts=PTS+0.7/TB", "-c:v", "libx264", "-c:a", "aac"), "640x360"),
    ],
)
def test_sources_of_many_kinds(name: str, arguments: tuple[str, ...], size: str, tmp_path: Path):
    (tmp_path / "in").mkdir()
    tracks = ("-f", "lavfi", "-i", "testsrc2=size=640x360:duration=4", "-f", "lavfi", "-i", "sine=duration=4")
    source = encode(tmp_path / "in" / name, *tracks, "-preset", "ultrafast", *arguments)
    out = tmp_path / "out"
    package(source, out, scheme="cbcs", **KEYS)
    width, height = size.split("x")
    (video,) = (out / "master.m3u8").read_text().split("#EXT-X-STREAM-INF")[1:]
    assert f"RESOLUTION={size}" in video
    assert (out / "audio").exists() is (name != "silent.mp4")
    track = joined(out / f"video_{min(int(width), int(height))}", tmp_path / "track.mp4")
    pictures = len(frame_hashes(track, KEY))
    assert pictures >= (200 if name == "fast.mp4" else 60)
    root = ElementTree.fromstring((out / "manifest.mpd").read_text())
    assert {line.find(f"{DASH}S").get("t") for line in root.iter(f"{DASH}SegmentTimeline")} == {"0"}


def test_metadata_is_removed(short_source: Path, tmp_path: Path):
    long = "private " * 100_000
    tagged = encode(
        tmp_path / "tagged.mkv",
        "-i",
        str(short_source),
        "-c",
        "copy",
        "-metadata",
        f"title={long[:100_000]}",
        "-t",
        "2",
    )
    package(tagged, tmp_path / "out", scheme="cbcs", **KEYS)
    assert all(b"private" not in file.read_bytes() for file in (tmp_path / "out").rglob("*") if file.is_file())
