# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Sources are kept, encrypted, and deleted media come back, with the lab's S3 and KMS and the commands of the runbook."""

from __future__ import annotations

import base64
import datetime
import json
import shlex
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.integration.media.test_upload import frames_of
from tests.support.runbooks import block_with
from tests.support.video_source import FRAMES

RUNBOOK = "media-recover.md"
ASSET = "lesson-1"


def versions(tier, prefix: str) -> list[dict]:
    listed = tier.lab("s3", tier.region).list_object_versions(Bucket=tier.name, Prefix=prefix)
    return listed.get("Versions", [])


def content(tier, key: str) -> bytes:
    return tier.lab("s3", tier.region).get_object(Bucket=tier.name, Key=key)["Body"].read()


def source_folders(tier, asset: str, tenant: str = "acme") -> list[str]:
    """Return the prefixes of the kept sources."""
    found = {item["Key"].rpartition("/")[0] for item in versions(tier, f"media/{tenant}/{asset}/source-")}
    return sorted(found)


def tenant_key(tier, number: int, tenant: str = "acme") -> bytes:
    """Return the tenant's key, decrypted with a call to KMS."""
    version = json.loads(content(tier, f"keys/{tenant}.json"))["versions"][str(number)]
    return tier.lab("kms", tier.region).decrypt(
        CiphertextBlob=base64.b64decode(version["wrapped_key"]),
        KeyId=version["kms_key_arn"],
        EncryptionContext={"tenant": tenant, "purpose": "media"},
    )["Plaintext"]


def opened_with_openssl(tier, folder: str, where: Path) -> bytes:
    """Decrypt a source with the runbook's commands."""
    where.mkdir()
    for name in ("content", "key.json"):
        (where / name).write_bytes(content(tier, f"{folder}/{name}"))
    number = json.loads((where / "key.json").read_text())["tenant_key_version"]
    (where / "tenant.key").write_bytes(tenant_key(tier, number))
    commands = "set -euo pipefail\n" + block_with(RUNBOOK, "-id-aes256-wrap")
    subprocess.run(["bash", "-c", commands], cwd=where, check=True, stdin=subprocess.DEVNULL)
    assert sorted(file.name for file in where.iterdir() if "key" in file.name) == ["key.json", "wrapped.key"]
    return (where / "source").read_bytes()


def ran(tier, start: str, **changed: str) -> subprocess.CompletedProcess:
    """Run a command of the runbook, with other arguments where they are given."""
    words = shlex.split(block_with(RUNBOOK, start))
    assert words[0] == "media-server"
    words = [changed.get(word, word) for word in words[1:]]
    command = [sys.executable, "-m", "media_server.cli", *words]
    return subprocess.run(command, env=tier.environment(), capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def lesson(tier, client, worker, source):
    """Package an asset with the names of the runbook."""
    tier.upload(client, source, ASSET)
    return tier.wait_for(client, ASSET, "ready")


def test_the_kept_source_is_encrypted_under_the_tenants_key(tier, client, source, lesson, tmp_path):
    assert lesson["source_kept"] is True
    assert versions(tier, f"uploads/acme/{ASSET}") == []
    (folder,) = source_folders(tier, ASSET)
    assert source[:1000] not in content(tier, f"{folder}/content")
    assert opened_with_openssl(tier, folder, tmp_path / "opened") == source


def test_it_is_taken_out_with_one_command(tier, source, lesson, tmp_path):
    target = tmp_path / "taken-out"
    assert ran(tier, "media-server source", **{"/var/tmp/lesson-1": str(target)}).returncode == 0
    assert target.read_bytes() == source


def test_a_refused_source_is_kept_and_packaged_again(tier, client, worker, source, tmp_path):
    tier.upload(client, b"no video at all", "refused")
    failed = tier.wait_for(client, "refused", "failed")
    assert (failed["failure"]["code"], failed["source_kept"]) == ("not-a-video", True)
    assert versions(tier, "uploads/acme/refused") == versions(tier, "media/acme/refused/v") == []
    (folder,) = source_folders(tier, "refused")
    assert opened_with_openssl(tier, folder, tmp_path / "opened") == b"no video at all"
    again = client.post("/v1/assets/acme/refused/package", headers=tier.header())
    assert again.status_code == 202, again.text
    assert tier.wait_for(client, "refused", "failed")["failure"]["code"] == "not-a-video"
    # Another upload of the same asset has a source of its own, and the refused one stays.
    tier.upload(client, source, "refused")
    tier.wait_for(client, "refused", "ready")
    assert len(source_folders(tier, "refused")) == 2


def test_the_uploads_of_assets_whose_names_begin_alike_stay(tier, client, lesson):
    begun = {}
    for asset in (f"{ASSET}0", f"{ASSET}-ar"):
        wanted = {"tenant": "acme", "asset": asset, "size": 5}
        begun[asset] = client.post("/v1/assets", json=wanted, headers=tier.header()).json()
        tier.lab("s3", tier.region).put_object(Bucket=tier.name, Key=f"uploads/acme/{asset}", Body=b"begun")
    # A second message of the finished asset removes what is left of its upload.
    tier.lab("s3", tier.region).put_object(Bucket=tier.name, Key=f"uploads/acme/{ASSET}", Body=b"left")
    message = {"kind": "package", "tenant": "acme", "asset": ASSET, "upload": f"uploads/acme/{ASSET}", "scheme": "cbcs"}
    tier.lab("sqs", tier.region).send_message(QueueUrl=tier.settings["queue_url"], MessageBody=json.dumps(message))
    end = time.monotonic() + 180
    while versions_of(tier, f"uploads/acme/{ASSET}"):
        assert time.monotonic() < end
        time.sleep(0.3)
    left = [item["Key"] for item in versions(tier, f"uploads/acme/{ASSET}")]
    assert left == [f"uploads/acme/{asset}" for asset in sorted(begun)]
    assert len(source_folders(tier, ASSET)) == 2


def versions_of(tier, key: str) -> list[dict]:
    return [item for item in versions(tier, key) if item["Key"] == key]


def test_a_deleted_asset_comes_back_and_plays(tier, client, lesson, tmp_path):
    s3, prefix = tier.lab("s3", tier.region), f"media/acme/{ASSET}/"
    names = sorted({item["Key"] for item in versions(tier, prefix)})
    before = datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=2)
    s3.delete_objects(Bucket=tier.name, Delete={"Objects": [{"Key": name} for name in names]})
    assert client.post(f"/v1/assets/acme/{ASSET}/playback-token", headers=tier.header()).status_code == 404
    listed = ran(tier, "media-server deleted")
    assert sorted(line.split()[2] for line in listed.stdout.splitlines()) == names
    recovered = ran(tier, "media-server recover", **{"2026-11-30T12:00:00+00:00": before.isoformat()})
    assert recovered.returncode == 0, recovered.stdout + recovered.stderr
    assert f"acme/{ASSET}: plays" in recovered.stdout
    assert [item["Key"] for item in s3.list_objects_v2(Bucket=tier.name, Prefix=prefix)["Contents"]] == names
    assert sum_of_frames(tier, client, tmp_path) == FRAMES
    assert ran(tier, "media-server deleted").stdout == ""


def sum_of_frames(tier, client, folder: Path) -> int:
    """Play the asset with the licence's key, and return how many pictures there are."""
    told = tier.playback(client, ASSET)
    prefix, tracks = f"media/acme/{ASSET}/v1/", []
    kid = bytes.fromhex(client.get(f"/v1/assets/acme/{ASSET}", headers=tier.header()).json()["playable"]["kid"])
    asked = {"kids": [base64.urlsafe_b64encode(kid).rstrip(b"=").decode()]}
    licence = client.post("/v1/licence/clearkey", params={"token": told["token"]}, json=asked).json()
    key = base64.urlsafe_b64decode(licence["keys"][0]["k"] + "==")
    pointer = json.loads(content(tier, f"media/acme/{ASSET}/asset.json"))
    files = pointer["versions"]["1"]["files"]
    video = sorted({name.partition("/")[0] for name in files if name.startswith("video_") and "/" in name})[0]
    numbered = sorted((name for name in files if name.startswith(f"{video}/") and name.endswith(".m4s")), key=_number)
    for name in [f"{video}/init.mp4", *numbered]:
        tracks.append(content(tier, prefix + name))
    joined = folder / "joined.mp4"
    joined.write_bytes(b"".join(tracks))
    return frames_of("-decryption_key", key.hex(), "-i", str(joined))


def _number(name: str) -> int:
    return int(name.rpartition("/")[2].removesuffix(".m4s"))


def test_an_accepted_source_goes_and_comes_back_until_its_versions_expire(tier, client, source, lesson, tmp_path):
    accepted = client.post(f"/v1/assets/acme/{ASSET}/accept", headers=tier.header())
    assert (accepted.status_code, accepted.json()["source_kept"]) == (200, False)
    assert ran(tier, "media-server source", **{"/var/tmp/lesson-1": str(tmp_path / "none")}).returncode == 1
    assert client.get(f"/v1/assets/acme/{ASSET}", headers=tier.header()).json()["state"] == "ready"
    recovered = ran(tier, "media-server recover", **{"2026-11-30T12:00:00+00:00": "2026-01-01T00:00:00+00:00"})
    assert recovered.returncode == 0, recovered.stdout + recovered.stderr
    assert ran(tier, "media-server source", **{"/var/tmp/lesson-1": str(tmp_path / "back")}).returncode == 0
    taken = {file.read_bytes() for file in tmp_path.iterdir()}
    assert source in taken
