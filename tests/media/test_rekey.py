# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Re-encrypted assets, decrypted by other tools: every track and segment has the pictures of the unencrypted asset."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from media_server.packaging import cmaf, hls_ts, ladder
from media_server.packaging.cmaf import Protection
from media_server.packaging.probe import probe
from media_server.packaging.transcode import Encodings, transcode
from media_server.rekey import read_track, rekey_init, rekey_manifest, rekey_segment, rekey_stream

from tests.media.outside import decrypted_by_openssl, decrypted_by_packager, frame_hashes, joined, segments
from tests.media.sources import moving_picture

OLD_KID, NEW_KID = bytes.fromhex("0f1e2d3c4b5a69788796a5b4c3d2e1f0"), bytes.fromhex("d41d8cd98f00b204e9800998ecf8427e")
OLD_KEY, NEW_KEY = bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c"), bytes.fromhex("603deb1015ca71be2b73aef0857d7781")
IV = bytes.fromhex("000102030405060708090a0b0c0d0e0f")
TRACKS = ("video_360", "video_240", "audio")


@dataclass(frozen=True)
class Packaged:
    """One encoding, unencrypted and encrypted."""

    clear: Path
    encrypted: Path


@pytest.fixture(scope="module")
def encodings(tmp_path_factory: pytest.TempPathFactory) -> Encodings:
    folder = tmp_path_factory.mktemp("encodings") / "clear"
    folder.mkdir()
    source = moving_picture(folder.parent / "source.mp4", seconds=13)
    found = probe(source)
    return transcode(source, found, ladder.rungs(640, 360, found.rate, [360, 240]), folder, lambda part: None)


def package(encodings: Encodings, scheme: str) -> Packaged:
    base = encodings.videos[0][1].parent.parent
    packager = hls_ts.package_hls if scheme == "aes-128" else cmaf.package_cmaf
    packaged = Packaged(base / f"{scheme}-clear", base / f"{scheme}-encrypted")
    for out, protection in ((packaged.clear, None), (packaged.encrypted, Protection(scheme, OLD_KID, OLD_KEY, IV))):
        out.mkdir()
        packager(encodings, out, protection)
    return packaged


@pytest.fixture(scope="module", params=["cbcs", "cenc"])
def asset(request: pytest.FixtureRequest, encodings: Encodings) -> Packaged:
    return package(encodings, request.param)


@pytest.fixture(scope="module")
def stream(encodings: Encodings) -> Packaged:
    return package(encodings, "aes-128")


def rekeyed(track: Path, out: Path) -> Path:
    init = (track / "init.mp4").read_bytes()
    read = read_track(init)
    out.mkdir()
    (out / "init.mp4").write_bytes(rekey_init(init, NEW_KID))
    for segment in segments(track, "m4s"):
        (out / segment.name).write_bytes(rekey_segment(segment.read_bytes(), read, OLD_KEY, NEW_KEY))
    return out


@pytest.mark.parametrize("name", TRACKS)
def test_another_tool_finds_the_original_pictures(asset: Packaged, name: str, tmp_path: Path):
    original = frame_hashes(joined(asset.clear / name, tmp_path / "clear.mp4"))
    assert len(original) > 300
    track = joined(rekeyed(asset.encrypted / name, tmp_path / name), tmp_path / "rekeyed.mp4")
    assert frame_hashes(track, NEW_KEY) == original
    assert frame_hashes(track, OLD_KEY) != original
    by_packager = decrypted_by_packager(track, tmp_path / "decrypted.mp4", NEW_KID, NEW_KEY)
    assert frame_hashes(by_packager) == original


@pytest.mark.parametrize("name", TRACKS)
def test_no_segment_keeps_bytes_of_the_old_key_or_changes_its_size(asset: Packaged, name: str, tmp_path: Path):
    before, after = asset.encrypted / name, rekeyed(asset.encrypted / name, tmp_path / name)
    assert len(segments(after, "m4s")) == len(segments(before, "m4s")) == 3
    for segment in [before / "init.mp4", *segments(before, "m4s")]:
        old, new = segment.read_bytes(), (after / segment.name).read_bytes()
        assert len(old) == len(new)
        assert old != new


@pytest.mark.parametrize("name", TRACKS)
def test_packager_does_not_decrypt_with_the_old_key_id(asset: Packaged, name: str, tmp_path: Path):
    track = joined(rekeyed(asset.encrypted / name, tmp_path / name), tmp_path / "rekeyed.mp4")
    with pytest.raises(subprocess.CalledProcessError):
        decrypted_by_packager(track, tmp_path / "decrypted.mp4", OLD_KID, OLD_KEY)


@pytest.mark.parametrize("name", ["manifest.mpd", "master.m3u8", "audio.m3u8", "video_360.m3u8"])
def test_manifests_name_the_new_key_only(asset: Packaged, name: str):
    text = (asset.encrypted / name).read_text()
    changed = rekey_manifest(text, OLD_KID, NEW_KID)
    assert len(changed) == len(text)
    assert "0f1e2d3c" not in changed.lower()
    assert ("d41d8cd9" in changed) is ("0f1e2d3c" in text)


@pytest.mark.parametrize("name", ["video_360", "video_240"])
def test_openssl_opens_each_segment_of_a_stream(stream: Packaged, name: str, tmp_path: Path):
    files = segments(stream.encrypted / name, "ts")
    assert len(files) == 3
    for file in files:
        new = tmp_path / file.name
        with file.open("rb") as reader, new.open("wb") as writer:
            assert rekey_stream(reader, writer, OLD_KEY, IV, NEW_KEY, IV) == file.stat().st_size == new.stat().st_size
        clear = decrypted_by_openssl(new, tmp_path / "clear.ts", NEW_KEY, IV)
        assert clear.read_bytes() == (stream.clear / name / file.name).read_bytes()
        assert frame_hashes(clear) == frame_hashes(stream.clear / name / file.name)
        with pytest.raises(subprocess.CalledProcessError):
            decrypted_by_openssl(new, tmp_path / "wrong.ts", OLD_KEY, IV)
