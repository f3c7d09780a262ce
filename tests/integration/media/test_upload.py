# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Uploads up to playable streams, with the lab's S3, SQS, KMS and Secrets Manager; and uploads that are refused."""

from __future__ import annotations

import base64
import json
import re
import subprocess
from urllib.parse import urljoin

import httpx
import pytest
from media_server.packaging.tools import FFMPEG, FFPROBE

from tests.support.video_source import FRAMES


def frames_of(*played: str) -> int:
    """Return how many frames ffmpeg decodes. Fail if it reports an error."""
    command = [str(FFMPEG), "-nostdin", "-v", "error", "-stats", *played, "-map", "0:v:0", "-f", "null", "-"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return int(re.findall(r"frame=\s*(\d+)", ran.stderr)[-1])


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def objects(tier, prefix: str) -> list[str]:
    """Return all versions of the objects with a prefix."""
    listed = tier.lab("s3", tier.region).list_object_versions(Bucket=tier.name, Prefix=prefix)
    return [item["Key"] for item in listed.get("Versions", [])]


@pytest.mark.parametrize("scheme", ["cbcs", "cenc"])
def test_an_upload_is_stored_encrypted_and_decrypts_with_the_licences_key(
    tier, client, worker, source, tmp_path, scheme
):
    asset = f"film-{scheme}"
    tier.upload(client, source, asset, scheme)
    playable = tier.wait_for(client, asset, "ready")["playable"]
    told = tier.playback(client, asset)
    manifest = client.get(told["manifests"]["dash"]).text
    base = re.search(r"<BaseURL>([^<]+)</BaseURL>", manifest)[1]
    initial = re.search(r'initialization="(video[^"]+)"', manifest)[1]
    media = re.search(r'media="(video[^"]+)"', manifest)[1]
    names = [initial, *(media.replace("$Number$", str(number)) for number in (1, 2))]
    joined = tmp_path / "joined.mp4"
    joined.write_bytes(b"".join(client.get(base + name).raise_for_status().content for name in names))
    kid = bytes.fromhex(playable["kid"])
    licence = client.post("/v1/licence/clearkey", params={"token": told["token"]}, json={"kids": [encoded(kid)]})
    key = base64.urlsafe_b64decode(licence.json()["keys"][0]["k"] + "==")
    assert frames_of("-decryption_key", key.hex(), "-i", str(joined)) == FRAMES
    with pytest.raises(AssertionError):
        frames_of("-xerror", "-i", str(joined))
    assert objects(tier, f"uploads/acme/{asset}") == []
    names = objects(tier, f"media/acme/{asset}/")
    kept = [name for name in names if "/source-" in name]
    assert (len(names) - len(kept), len(kept)) == (playable["files"] + 2, 2)


def test_hls_plays_with_its_url_alone(tier, client, worker, source):
    tier.upload(client, source, "film-hls", "aes-128")
    tier.wait_for(client, "film-hls", "ready")
    address = tier.playback(client, "film-hls")["manifests"]["hls"]
    trusted = ("-ca_file", tier.settings["ca_bundle"], "-tls_verify", "1")
    assert frames_of(*trusted, "-i", address) == FRAMES


LADDERS = {"chosen": ([240, 1080, 360], [360, 240]), "usual": (None, [360]), "larger": ([1080, 720], [360])}


@pytest.mark.parametrize("scheme", ["cbcs", "aes-128"])
@pytest.mark.parametrize("kind", LADDERS)
def test_the_manifest_has_the_requested_rungs(tier, client, worker, source, tmp_path, scheme, kind):
    ladder, expected = LADDERS[kind]
    asset = f"film-{kind}-{scheme}"
    tier.upload(client, source, asset, scheme, ladder=ladder)
    tier.wait_for(client, asset, "ready")
    address = tier.playback(client, asset)["manifests"]["hls"]
    variants = [line for line in client.get(address).text.splitlines() if line and not line.startswith("#")]
    assert [lines_of(tier, client, urljoin(address, variant), tmp_path) for variant in variants] == expected


def lines_of(tier, client, playlist: str, folder) -> int:
    """Return the picture height of a playlist, as ffprobe reads it, from the init segment if there is one."""
    initial = re.search(r'#EXT-X-MAP:URI="([^"]+)"', client.get(playlist).text)
    if initial:
        file = folder / "init.mp4"
        file.write_bytes(client.get(urljoin(playlist, initial[1])).raise_for_status().content)
        played = [str(file)]
    else:
        played = ["-ca_file", tier.settings["ca_bundle"], "-tls_verify", "1", playlist]
    asked = ["-v", "error", "-select_streams", "v", "-show_entries", "stream=height", "-of", "json"]
    ran = subprocess.run([str(FFPROBE), *asked, *played], capture_output=True, check=True)
    (stream,) = json.loads(ran.stdout)["streams"]
    return stream["height"]


def test_a_part_of_another_length_is_refused(tier, client, source):
    wanted = {"tenant": "acme", "asset": "film-short", "size": len(source)}
    begun = client.post("/v1/assets", json=wanted, headers=tier.header()).json()
    part = begun["upload"]["parts"][0]
    for body in (source[:1000], source + b"more"):
        assert httpx.put(part["url"], content=body, verify=tier.trust, trust_env=False).status_code == 403
    refused = client.post("/v1/assets/acme/film-short/complete", headers=tier.header())
    assert (refused.status_code, refused.json()["code"]) == (409, "upload-incomplete")
    assert objects(tier, "uploads/acme/film-short") == []


BAD = {
    "text": lambda source: b"This is no video. " * 100,
    "truncated": lambda source: source[: len(source) // 2],
    "noise": lambda source: bytes(range(256)) * 64,
    "playlist": lambda source: b"#EXTM3U\n#EXTINF:1,\nhttp://169.254.169.254/latest/meta-data/\n#EXT-X-ENDLIST\n",
}


@pytest.mark.parametrize("kind", sorted(BAD))
def test_a_bad_source_fails_with_a_readable_message_and_is_kept(tier, client, worker, source, kind):
    asset = f"bad-{kind}"
    tier.upload(client, BAD[kind](source), asset)
    failure = tier.wait_for(client, asset, "failed")["failure"]
    assert re.fullmatch("[a-z-]+", failure["code"])
    assert failure["message"]
    assert "169.254" not in failure["message"]
    assert objects(tier, f"uploads/acme/{asset}") == objects(tier, f"media/acme/{asset}/v") == []
    assert [name.rpartition("/")[2] for name in objects(tier, f"media/acme/{asset}/")] == ["content", "key.json"]
    assert client.post(f"/v1/assets/acme/{asset}/playback-token", headers=tier.header()).status_code == 404
    # It can be uploaded again.
    tier.upload(client, BAD[kind](source), asset)


def test_no_log_has_a_token_or_a_key(tier, client, server, worker):
    for running in (server, worker):
        text = running.text()
        assert "eyJ" not in text
        assert "X-Amz-Signature" not in text
        assert base64.b64encode(tier.key).decode() not in text
        assert len(running.lines()) == len(text.splitlines())
