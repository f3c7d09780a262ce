# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Valid sources that are unusual, and were refused with a wrong reason: what is packaged is the whole of them."""

from __future__ import annotations

import base64
import random
from pathlib import Path

import pytest
from media_server.errors import DoubtfulError, UnprocessableError
from media_server.packaging import package, tools
from media_server.packaging.probe import probe

from tests.media.outside import decrypted_by_openssl, frame_hashes, joined, segments
from tests.media.sources import encode, moving_picture
from tests.support.video_browser import chromium

KID, KEY, IV = (bytes.fromhex(one) for one in ("a1" * 16, "b2c3d4e5" * 4, "5e" * 16))
KEYS = {"kid": KID, "key": KEY, "iv": IV}
SECONDS, PICTURES = 4, 100


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return moving_picture(tmp_path_factory.mktemp("usual") / "usual.mp4", size="320x240", seconds=SECONDS)


def pictures(out: Path, tmp_path: Path) -> int:
    """Return how many pictures ffmpeg decrypts and decodes."""
    return len(frame_hashes(joined(out / "video_240", tmp_path / "video.mp4"), KEY))


def sound_s(out: Path, tmp_path: Path) -> float:
    """Return the seconds of sound that ffmpeg decrypts and decodes."""
    track = joined(out / "audio", tmp_path / "audio.mp4")
    return len(frame_hashes(track, KEY)) * 1024 / 48_000


def packaged(source: Path, tmp_path: Path, scheme: str = "cbcs") -> Path:
    files = package(source, tmp_path / "out", scheme=scheme, ladder=[240], **KEYS)
    assert files
    return tmp_path / "out"


# What Chromium records: slides change seldom, so its pictures come at irregular times.
RECORD = """async (type) => {
  const canvas = document.createElement("canvas");
  canvas.width = 320; canvas.height = 240;
  document.body.append(canvas);
  const context = canvas.getContext("2d");
  let drawn = 0;
  const timer = setInterval(() => {
    context.fillStyle = `hsl(${(drawn * 7) % 360} 80% 50%)`;
    context.fillRect(0, 0, 320, 240);
    drawn += 1;
  }, 80);
  const audio = new AudioContext(), tone = audio.createOscillator(), heard = audio.createMediaStreamDestination();
  tone.connect(heard);
  tone.start();
  const stream = new MediaStream([...canvas.captureStream(25).getTracks(), ...heard.stream.getTracks()]);
  const recorder = new MediaRecorder(stream, {mimeType: type});
  const parts = [];
  recorder.ondataavailable = (event) => parts.push(event.data);
  const stopped = new Promise((resolve) => { recorder.onstop = resolve; });
  recorder.start(500);
  await new Promise((resolve) => setTimeout(resolve, 3000));
  recorder.stop();
  await stopped;
  clearInterval(timer);
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}"""


@pytest.mark.parametrize("codec", ["vp8", "vp9", "h264"])
def test_what_a_browser_records(codec: str, tmp_path: Path):
    """opencast/studio#517: neither a duration nor a frame rate is in the file."""
    source = tmp_path / "recorded.webm"
    with chromium() as browser:
        page = browser.new_page()
        page.goto("data:text/html,<body></body>")
        source.write_bytes(base64.b64decode(page.evaluate(RECORD, f"video/webm;codecs={codec},opus")))
    found = probe(source)
    assert 2 < found.duration_s < 4
    out = packaged(source, tmp_path)
    assert abs(pictures(out, tmp_path) / float(found.rate) - found.duration_s) < 0.5
    assert abs(sound_s(out, tmp_path) - found.duration_s) < 0.5


def streamed(usual: Path, tmp_path: Path, *offsets: float) -> Path:
    """Return transport streams after each other, whose clocks begin at these seconds."""
    source = tmp_path / "joined.ts"
    parts = [
        encode(tmp_path / f"{offset}.ts", "-i", str(usual), "-c", "copy", "-output_ts_offset", str(offset))
        for offset in offsets
    ]
    source.write_bytes(b"".join(part.read_bytes() for part in parts))
    return source


@pytest.mark.parametrize("offsets", [(0, 50_000), (50_000, 0), (0, 30), (90_000, 3)])
def test_a_transport_stream_whose_clock_jumps(usual: Path, offsets: tuple[float, ...], tmp_path: Path):
    """mpv#10277: the last time stamp less the first is no duration."""
    source = streamed(usual, tmp_path, *offsets)
    assert abs(probe(source).duration_s - 2 * SECONDS) < 0.5
    out = packaged(source, tmp_path)
    assert abs(pictures(out, tmp_path) - 2 * PICTURES) <= 5
    assert abs(sound_s(out, tmp_path) - 2 * SECONDS) < 0.3


APPENDED = {
    "id3": b"TAG" + b"Lesson 1".ljust(125, b" "),
    "noise": random.Random(4).randbytes(128),
    "line": b"\n",
    "zeros": bytes(128),
    "text": b"<!-- uploaded with a form -->\r\n",
}


@pytest.mark.parametrize("kind", APPENDED)
@pytest.mark.parametrize("index_first", [True, False])
def test_bytes_after_the_last_box(usual: Path, kind: str, index_first: bool, tmp_path: Path):
    """music-metadata#319: programs for music append tags to any file."""
    source = tmp_path / "source.mp4"
    encode(source, "-i", str(usual), "-c", "copy", *(("-movflags", "+faststart") if index_first else ()))
    source.write_bytes(source.read_bytes() + APPENDED[kind])
    assert pictures(packaged(source, tmp_path), tmp_path) == PICTURES


SOUNDS = ("m4a", "mp3", "wav", "flac", "ogg", "aac", "aiff", "mka", "webm")


@pytest.mark.parametrize("ending", SOUNDS)
def test_a_lesson_that_is_only_heard(ending: str, tmp_path: Path):
    codec = ("-c:a", "libopus") if ending in ("ogg", "webm") else ()
    tone = ("-f", "lavfi", "-i", f"sine=frequency=440:sample_rate=48000:duration={SECONDS}", *codec)
    out = packaged(encode(tmp_path / f"sound.{ending}", *tone), tmp_path)
    assert abs(sound_s(out, tmp_path) - SECONDS) < 0.2
    assert not list(out.glob("video_*"))
    assert "audio.m3u8" in (out / "master.m3u8").read_text()
    assert 'contentType="audio"' in (out / "manifest.mpd").read_text()


def test_a_cover_is_no_video(tmp_path: Path):
    cover = encode(tmp_path / "cover.jpg", "-f", "lavfi", "-i", "testsrc2=size=64x64:duration=1", "-frames:v", "1")
    sound = ("-f", "lavfi", "-i", f"sine=duration={SECONDS}", "-i", str(cover), "-map", "0", "-map", "1")
    source = encode(tmp_path / "song.m4a", *sound, "-c:v", "copy", "-disposition:v", "attached_pic", "-f", "mp4")
    out = packaged(source, tmp_path)
    assert abs(sound_s(out, tmp_path) - SECONDS) < 0.2
    assert not list(out.glob("video_*"))


def test_a_lesson_that_is_only_heard_in_transport_streams(tmp_path: Path):
    out = packaged(encode(tmp_path / "sound.mp3", "-f", "lavfi", "-i", "sine=duration=8"), tmp_path, "aes-128")
    assert "audio/index.m3u8" in (out / "master.m3u8").read_text()
    found = segments(out / "audio", "ts")
    assert len(found) == 2
    clear = [decrypted_by_openssl(part, tmp_path / f"clear-{part.name}", KEY, IV) for part in found]
    assert abs(sum(len(frame_hashes(part)) for part in clear) * 1024 / 48_000 - 8) < 0.2


def test_without_a_decoder_av1_is_refused_by_its_name(tmp_path: Path):
    """Shaka's ffmpeg encodes AV1, and decodes it only on graphics cards."""
    source = encode(tmp_path / "source.mp4", "-f", "lavfi", "-i", "testsrc2=size=64x64:duration=1", "-c:v", "libsvtav1")
    with pytest.raises(UnprocessableError, match=r"codec av1 .* H\.264") as caught:
        package(source, tmp_path / "out", scheme="cbcs", **KEYS)
    assert (caught.value.code, type(caught.value)) == ("unsupported-codec", UnprocessableError)


def test_what_ffmpeg_fails_at_may_be_the_hosts_fault(usual: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The exit status of an ffmpeg that gets no memory is that of one that finds a damaged file."""
    starved = tmp_path / "ffmpeg"
    starved.write_text(f'#!/bin/sh\nulimit -v 60000\nexec {tools.FFMPEG} "$@"\n')
    starved.chmod(0o755)
    with monkeypatch.context() as patched:
        patched.setattr(tools, "FFMPEG", starved)
        with pytest.raises(DoubtfulError) as caught:
            packaged(usual, tmp_path)
    assert caught.value.code == "undecodable-source"
    assert pictures(packaged(usual, tmp_path), tmp_path) == PICTURES
