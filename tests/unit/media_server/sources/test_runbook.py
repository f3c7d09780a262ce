# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The runbook's commands open a kept source with openssl alone."""

from __future__ import annotations

import base64
import json
import subprocess

import pytest

from tests.support.media_service_fakes import FakePlatform
from tests.support.runbooks import block_with, blocks

VIDEO = bytes(range(256)) * 1000


@pytest.fixture
def folder(tmp_path):
    """Keep a source, and return a folder with what the runbook's steps 1 and 2 fetch."""
    platform = FakePlatform(tmp_path / "platform")
    services = platform.services
    services.objects.put("uploads/acme/lesson-1", VIDEO)
    uploads = services.sources.uploads("acme", "lesson-1")
    source = services.sources.keep("acme", "lesson-1", uploads, lambda: None)
    for name in ("content", "key.json"):
        (tmp_path / name).write_bytes(platform.s3.content(f"media/acme/lesson-1/{source}/{name}"))
    version = json.loads(platform.s3.content("keys/acme.json"))["versions"]["1"]
    wrapped, context = base64.b64decode(version["wrapped_key"]), {"tenant": "acme", "purpose": "media"}
    key = platform.kms.decrypt(wrapped, version["kms_key_arn"], context)["Plaintext"]
    (tmp_path / "tenant.key").write_bytes(key)
    return tmp_path


def opened(folder) -> subprocess.CompletedProcess:
    commands = "set -euo pipefail\n" + block_with("media-recover.md", "-id-aes256-wrap")
    return subprocess.run(["bash", "-c", commands], cwd=folder, capture_output=True, text=True, check=False)


def test_a_source_is_opened(folder):
    ran = opened(folder)
    assert ran.returncode == 0, ran.stderr
    assert (folder / "source").read_bytes() == VIDEO
    assert [file.name for file in folder.glob("*.key")] == ["wrapped.key"]


@pytest.mark.parametrize("name", ["content", "tenant.key"])
def test_a_changed_one_is_not(folder, name):
    changed = bytearray((folder / name).read_bytes())
    changed[0] ^= 1
    (folder / name).write_bytes(changed)
    assert opened(folder).returncode != 0
    assert not (folder / "source").exists()


def test_each_command_of_the_server_is_one():
    lines = [line for block in blocks("media-recover.md") for line in block.splitlines()]
    assert [line.split()[1] for line in lines if line.startswith("media-server ")] == ["deleted", "recover", "source"]
