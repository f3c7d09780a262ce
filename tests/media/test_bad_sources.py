# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Sources that are no videos, or not supported, are refused and leave nothing behind."""

from __future__ import annotations

import http.server
import os
import random
import struct
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from media_server.errors import ConflictError, UnprocessableError
from media_server.packaging import package
from media_server.packaging.tools import FFMPEG

from tests.media.sources import encode, moving_picture

KEYS = {"kid": bytes(range(16)), "key": bytes(range(16, 32)), "iv": bytes(16)}


def refused(source: Path, tmp_path: Path) -> UnprocessableError:
    folder = tmp_path / "work"
    folder.mkdir()
    with pytest.raises(UnprocessableError) as caught:
        package(source, folder / "out", scheme="cbcs", **KEYS)
    assert not list(folder.iterdir())
    assert str(tmp_path) not in caught.value.message
    return caught.value


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Encode a video of seven seconds, with its index at the end."""
    return moving_picture(tmp_path_factory.mktemp("good") / "good.mp4", size="320x240")


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Encode a video of one second."""
    return moving_picture(tmp_path_factory.mktemp("short") / "short.mp4", size="320x240", seconds=1).read_bytes()


def with_index_first(good: Path, tmp_path: Path) -> bytes:
    return encode(tmp_path / "first.mp4", "-i", str(good), "-c", "copy", "-movflags", "+faststart").read_bytes()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty-source"),
        (b"\0", "not-a-video"),
        (b"\0" * 100_000, "not-a-video"),
        (b"This is no video.\n" * 1000, "not-a-video"),
        (random.Random(1).randbytes(100_000), "not-a-video"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0isommp42", "not-a-video"),
        (b"\x89PNG\r\n\x1a\n" + bytes(1000), "not-a-video"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "not-a-video"),
    ],
)
def test_not_a_video(content: bytes, code: str, tmp_path: Path):
    source = tmp_path / "source.mp4"
    source.write_bytes(content)
    assert refused(source, tmp_path).code == code


def test_unreadable_sources_are_refused(good: Path, tmp_path: Path):
    folder, link, pipe = tmp_path / "folder.mp4", tmp_path / "link.mp4", tmp_path / "pipe.mp4"
    folder.mkdir()
    link.symlink_to(good)
    os.mkfifo(pipe)
    for number, source in enumerate((folder, link, pipe, tmp_path / "missing.mp4", Path("/dev/zero"), Path("a\0b"))):
        (tmp_path / str(number)).mkdir()
        assert refused(source, tmp_path / str(number)).code == "unreadable-source"


@pytest.mark.parametrize("lost", [1, 1000, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("index_first", [True, False])
def test_truncated_upload(good: Path, index_first: bool, lost: float, tmp_path: Path):
    content = with_index_first(good, tmp_path) if index_first else good.read_bytes()
    source = tmp_path / "source.mp4"
    source.write_bytes(content[: -int(lost if lost >= 1 else len(content) * lost)])
    assert refused(source, tmp_path).code in ("not-a-video", "truncated-source", "no-video")


@pytest.mark.parametrize("lost", [0.1, 0.5])
def test_truncated_upload_of_matroska(good: Path, lost: float, tmp_path: Path):
    content = encode(tmp_path / "whole.mkv", "-i", str(good), "-c", "copy").read_bytes()
    source = tmp_path / "source.mkv"
    source.write_bytes(content[: -int(len(content) * lost)])
    assert refused(source, tmp_path).code == "truncated-source"


def test_damaged_in_the_middle(good: Path, tmp_path: Path):
    content = bytearray(with_index_first(good, tmp_path))
    middle = len(content) // 4
    content[middle:] = os.urandom(len(content) - middle)
    source = tmp_path / "source.mp4"
    source.write_bytes(content)
    refused(source, tmp_path)


@pytest.mark.parametrize(
    ("name", "arguments", "code"),
    [
        ("sound.ac3", ("-f", "lavfi", "-i", "sine=duration=2"), "not-a-video"),
        ("words.mkv", ("-f", "srt", "-i", "words.srt"), "no-video"),
        ("huffyuv.mkv", ("-f", "lavfi", "-i", "testsrc2=duration=1", "-c:v", "huffyuv"), "unsupported-codec"),
        ("raw.avi", ("-f", "lavfi", "-i", "testsrc2=duration=1", "-c:v", "rawvideo"), "unsupported-codec"),
        ("wide.mp4", ("-f", "lavfi", "-i", "color=size=16000x32:duration=1", "-c:v", "libx264"), "unsupported-size"),
        ("tiny.mp4", ("-f", "lavfi", "-i", "color=size=8x8:duration=1", "-c:v", "libx264"), "unsupported-size"),
        ("picture.gif", ("-f", "lavfi", "-i", "testsrc2=duration=1"), "not-a-video"),
        (
            "days.mp4",
            ("-f", "lavfi", "-i", "testsrc2=rate=1:duration=4", "-vf", "setpts=PTS*20000", "-fps_mode", "vfr"),
            "unsupported-duration",
        ),
        (
            "adpcm.mov",
            (
                "-f",
                "lavfi",
                "-i",
                "testsrc2=duration=1",
                "-f",
                "lavfi",
                "-i",
                "sine=duration=1",
                "-c:a",
                "adpcm_ima_qt",
            ),
            "unsupported-codec",
        ),
    ],
)
def test_unsupported_kinds_are_refused(
    name: str, arguments: tuple[str, ...], code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    Path("words.srt").write_text("1\n00:00:00,000 --> 00:00:02,000\nHello\n")
    assert refused(encode(tmp_path / name, *arguments), tmp_path).code == code


@pytest.fixture
def asked() -> Iterator[tuple[str, list[str]]]:
    """Run a web server. Yield its address and the paths that were requested."""
    paths: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            paths.append(self.path)
            self.send_error(404)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", paths
        server.shutdown()
        thread.join()


def playlist(target: str) -> bytes:
    head = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:10\n#EXT-X-MEDIA-SEQUENCE:0\n"
    return f"{head}#EXTINF:7.0,\n{target}\n#EXT-X-ENDLIST\n".encode()


def concatenation(target: str) -> bytes:
    return f"ffconcat version 1.0\nfile '{target}'\n".encode()


def session(target: str) -> bytes:
    """Return an SDP description of where ffmpeg should listen or connect."""
    return f"v=0\no=- 0 0 IN IP4 127.0.0.1\ns={target}\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n".encode()


def web_manifest(target: str) -> bytes:
    return (
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><AdaptationSet '
        f'mimeType="video/mp4"><Representation id="0"><BaseURL>{target}</BaseURL></Representation></AdaptationSet></Period></MPD>'
    ).encode()


def subtitles_in_avi(target: str) -> bytes:
    """Return an AVI with subtitles, which ffmpeg probes for a format that may be a playlist: a known attack."""
    text = playlist(target)
    gab2 = b"GAB2\0" + struct.pack("<HI", 2, 0) + struct.pack("<HI", 4, len(text)) + text
    header = b"avih" + struct.pack("<I", 56) + struct.pack("<14I", 40_000, 0, 0, 0x10, 1, 0, 1, 0, 320, 240, 0, 0, 0, 0)
    strh = b"strh" + struct.pack("<I", 56) + b"txts" + bytes(52)
    strl = chunk(b"LIST", b"strl" + strh + b"strf" + struct.pack("<I", 0))
    return chunk(
        b"RIFF", b"AVI " + chunk(b"LIST", b"hdrl" + header + strl) + chunk(b"LIST", b"movi" + chunk(b"00tx", gab2))
    )


def chunk(kind: bytes, content: bytes) -> bytes:
    return kind + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)


TRICKS = (playlist, concatenation, session, web_manifest, subtitles_in_avi)


@pytest.mark.parametrize("trick", TRICKS)
@pytest.mark.parametrize("ending", ["mp4", "m3u8", "ts", "avi"])
def test_no_url_is_requested(trick: Callable[[str], bytes], ending: str, asked: tuple[str, list[str]], tmp_path: Path):
    address, paths = asked
    source = tmp_path / f"source.{ending}"
    source.write_bytes(trick(f"{address}/picture.ts"))
    refused(source, tmp_path)
    assert paths == []


@pytest.mark.parametrize("trick", TRICKS)
@pytest.mark.parametrize("prefix", ["", "file:", "file://", "concat:", "subfile,,start,0,end,0,,:"])
def test_no_other_file_is_read(trick: Callable[[str], bytes], prefix: str, good: Path, tmp_path: Path):
    source = tmp_path / "source.m3u8"
    source.write_bytes(trick(f"{prefix}{good}"))
    refused(source, tmp_path)


def careless(source: Path, *options: str) -> list[str]:
    """Return the pictures that ffmpeg finds when it may open what the content refers to."""
    allowed = ("-protocol_whitelist", "file,http,tcp,crypto,data", *options)
    ran = subprocess.run(
        [str(FFMPEG), "-v", "quiet", "-nostdin", *allowed, "-i", str(source), "-f", "framemd5", "-"],
        capture_output=True,
        text=True,
        check=False,
    )
    return [line for line in ran.stdout.splitlines() if not line.startswith("#")]


def test_the_attacks_work_without_our_options(asked: tuple[str, list[str]], good: Path, tmp_path: Path):
    address, paths = asked
    source = tmp_path / "source.m3u8"
    source.write_bytes(playlist(f"{address}/picture.ts"))
    careless(source)
    assert paths
    stream = encode(tmp_path / "good.ts", "-i", str(good), "-c", "copy")
    source.write_bytes(playlist(str(stream)))
    assert careless(source)
    source.write_bytes(concatenation(str(good)))
    assert careless(source, "-safe", "0")
    source = tmp_path / "source.mp4"
    source.write_bytes(with_data_reference(good))
    assert len(careless(source, "-enable_drefs", "1", "-use_absolute_path", "1")) > len(careless(source))


def test_no_other_file_is_read_through_a_data_reference(good: Path, tmp_path: Path):
    source = tmp_path / "source.mp4"
    source.write_bytes(with_data_reference(good))
    refused(source, tmp_path)


def with_data_reference(good: Path) -> bytes:
    """Return an MP4 whose samples are in another file."""
    content = good.read_bytes()
    here = b"\0\0\0\x0curl \0\0\0\x01"
    assert here in content
    alias = alias_of(good)
    there = struct.pack(">I", 12 + len(alias)) + b"alis\0\0\0\0" + alias
    return without_samples(grown(content, here, there))


def alias_of(file: Path) -> bytes:
    """Return an alias of classic Mac OS with the absolute path, as ffmpeg's demuxer reads it."""
    path = str(file).encode()
    path += bytes(len(path) % 2)
    names = bytes(10) + bytes(1 + 27) + bytes(12) + bytes(1 + 63) + bytes(16) + bytes(4) + bytes(16)
    return names + struct.pack(">HH", 2, len(path)) + path + b"\xff\xff\0\0"


def without_samples(content: bytes) -> bytes:
    """Return the file with its index, and zeros instead of the samples."""
    start = content.index(b"mdat")
    (size,) = struct.unpack_from(">I", content, start - 4)
    return content[: start + 4] + bytes(size - 8) + content[start - 4 + size :]


def grown(content: bytes, old: bytes, new: bytes) -> bytes:
    """Replace each `old`, and enlarge all boxes around it. Offsets stay valid, because the index is at the end."""
    while (at := content.find(old)) >= 0:
        changed = bytearray(content)
        for start in enclosing(content, at):
            (size,) = struct.unpack_from(">I", changed, start)
            struct.pack_into(">I", changed, start, size + len(new) - len(old))
        changed[at : at + len(old)] = new
        content = bytes(changed)
    return content


def enclosing(content: bytes, at: int) -> list[int]:
    found = []
    for kind in (b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref"):
        found.append(content.rfind(kind, 0, at) - 4)
    return found


@pytest.mark.parametrize(
    "name",
    [
        "-i.mp4", "-y", "a b.mp4", "a,stream=audio.mp4", "file:a.mp4", "http:a.mp4", "pipe:0", "concat:a|b.mp4", "%d.mp4",
        "$(touch x).mp4", "a;b.mp4", "a\nb.mp4", "\N{ARABIC LETTER ALEF}\N{ARABIC LETTER BEH}.mp4", "a'b\".mp4", "[0:v].mp4",
    ],
)  # fmt: skip
def test_a_file_name_is_never_interpreted(name: str, short: bytes, tmp_path: Path):
    folder = tmp_path / f"out-of,{name}"
    folder.mkdir()
    source = tmp_path / name
    source.write_bytes(short)
    files = package(source, folder / "out", scheme="cbcs", **KEYS)
    assert "manifest.mpd" in files
    assert {str(file.relative_to(folder / "out")) for file in folder.rglob("*") if file.is_file()} == set(files)
    assert sorted(item.name for item in tmp_path.iterdir()) == sorted([name, folder.name])


def test_existing_files_are_not_overwritten(good: Path, tmp_path: Path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "manifest.mpd").write_text("older")
    with pytest.raises(ConflictError):
        package(good, tmp_path / "out", scheme="cbcs", **KEYS)
    assert (tmp_path / "out" / "manifest.mpd").read_text() == "older"
