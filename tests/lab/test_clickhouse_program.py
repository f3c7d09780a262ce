# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Where the machine holds ClickHouse's image, the lab runs that server. Which this machine doesn't: a script stands in for it."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import tarfile
from xml.etree import ElementTree

import pytest

from lab.clickhouse import program
from lab.processes import ProcessError
from tests.support.clickhouse import start_server

_IMAGE = "kc-test-clickhouse:stand-in"
# Takes the arguments of the real one, and listens where its configuration says.
_STAND_IN = b"""#!/usr/bin/python3
import re, socket, sys
text = open(sys.argv[2].removeprefix("--config-file=")).read()
address = re.search("<listen_host>(.*)</listen_host>", text)[1], int(re.search("<https_port>(.*)</https_port>", text)[1])
listener = socket.create_server(address)
print(sys.argv[1], "listens", flush=True)
while True:
    listener.accept()[0].close()
"""


@pytest.fixture
def image(monkeypatch, tmp_path):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        member = tarfile.TarInfo("usr/bin/clickhouse")
        member.size, member.mode = len(_STAND_IN), 0o755
        tar.addfile(member, io.BytesIO(_STAND_IN))
    subprocess.run(["docker", "import", "-", _IMAGE], input=packed.getvalue(), check=True, capture_output=True)
    monkeypatch.setenv("LAB_CLICKHOUSE_IMAGE", _IMAGE)
    monkeypatch.setattr(program, "_KEPT", tmp_path / "kept")
    yield _IMAGE
    subprocess.run(["docker", "image", "rm", "--force", _IMAGE], check=True, capture_output=True)


@pytest.mark.not_proven(
    "ClickHouse's own server out of its image (no image here; an old server of Debian's was tried by hand)"
)
def test_the_server_out_of_the_image_is_started_with_its_own_configuration(image, lab):
    server = start_server(lab, "me-west-1")
    try:
        log = (lab.stack.settings.logs / "clickhouse-me-west-1.log").read_text()
        assert "server listens" in log
        folder = lab.stack.settings.state / "clickhouse-me-west-1"
        configuration = ElementTree.parse(folder / "server.xml")
        assert configuration.findtext("named_collections/backups/url")
        assert configuration.findtext("openSSL/client/caConfig") == str(lab.stack.settings.ca_certificate)
        users = (folder / "users.xml").read_text()
        password = json.loads((folder / "user.json").read_text())["password"]
        assert password not in users
        assert hashlib.sha256(password.encode()).hexdigest() in users
        assert not (folder / "users.xml").stat().st_mode & 0o077
    finally:
        server.process.remove()


def test_the_program_is_taken_out_once(image, tmp_path):
    first = program.program()
    assert first.read_bytes() == _STAND_IN
    made = first.stat().st_mtime_ns
    assert program.program() == first
    assert first.stat().st_mtime_ns == made
    left = subprocess.run(
        ["docker", "ps", "--all", "--quiet", "--filter", f"ancestor={image}"], capture_output=True, check=True
    )
    assert left.stdout == b""


def test_without_an_image_the_engine_in_a_process_serves(monkeypatch):
    monkeypatch.delenv("LAB_CLICKHOUSE_IMAGE", raising=False)
    monkeypatch.setattr(program, "_DEFAULT", "kc-test-clickhouse:nobody-has-it")
    assert program.program() is None


def test_a_setting_that_names_no_image_is_refused(monkeypatch):
    monkeypatch.setenv("LAB_CLICKHOUSE_IMAGE", "kc-test-clickhouse:nobody-has-it")
    with pytest.raises(ProcessError, match="LAB_CLICKHOUSE_IMAGE names kc-test-clickhouse:nobody-has-it"):
        program.program()
