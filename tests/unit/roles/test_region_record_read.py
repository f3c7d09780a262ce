# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Role region_record, entry point `read`: no region is the active one by default while a copy is unread."""

from __future__ import annotations

import http.server
import json
import os
import subprocess
import threading
from pathlib import Path
from typing import ClassVar

import pytest
import yaml

from lab.settings import CHECKOUT

HERE, THERE = "me-west-1", "eu-central-1"
SILENT = "http://127.0.0.1:9"


RECORD = {
    "name": {"S": "active"},
    "epoch": {"N": "2"},
    "active_region": {"S": THERE},
    "writer_endpoint": {"NULL": True},
    "since": {"S": "2026-11-25T08:00:00+00:00"},
    "reason": {"S": "failover"},
    "journal": {"NULL": True},
}


class NoTable(http.server.BaseHTTPRequestHandler):
    """DynamoDB in a region where the table isn't there yet."""

    status = 400
    answer: ClassVar = {"__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException", "message": "-"}

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps(self.answer)
        self.send_response(self.status)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_arguments) -> None:
        pass


class Held(NoTable):
    """DynamoDB in a region whose copy says that the other one is active."""

    status = 200
    answer: ClassVar = {"Item": RECORD}


@pytest.fixture(scope="module")
def answering():
    yield from serving(NoTable)


@pytest.fixture(scope="module")
def holding():
    yield from serving(Held)


def serving(handler: type[NoTable]):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def read(folder: Path, endpoints: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `read` limited to one region."""
    settings = {
        "ansible_connection": "local",
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        "platform_name": "kc",
        "platform_environment": "test",
        "platform_regions": {HERE: {}, THERE: {}},
        "platform_initial_primary": HERE,
    }
    hosts = {region: {"aws_region": region} for region in endpoints}
    play = {
        "hosts": "regions",
        "gather_facts": False,
        "environment": {"AWS_REGION": HERE},
        "module_defaults": {"group/knowledgecity.platform.aws": {"region_endpoints": endpoints}},
        "tasks": [
            {"ansible.builtin.include_role": {"name": "knowledgecity.platform.region_record", "tasks_from": "read"}}
        ],
    }
    (folder / "hosts.yml").write_text(yaml.safe_dump({"regions": {"hosts": hosts, "vars": settings}}))
    (folder / "play.yml").write_text(yaml.safe_dump([play]))
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    command = [
        "ansible-playbook",
        "-i",
        str(folder / "hosts.yml"),
        str(folder / "play.yml"),
        "--limit",
        HERE,
        *arguments,
    ]
    return subprocess.run(
        command, cwd=CHECKOUT, env=os.environ | keys, capture_output=True, text=True, check=False, timeout=120
    )


def test_a_first_build_of_one_region_goes_on_where_the_other_answers(tmp_path, answering):
    ran = read(tmp_path, {HERE: answering, THERE: answering})
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert f"No record yet: {HERE} will be active" in ran.stdout


def test_no_region_is_taken_for_the_first_one_while_a_copy_is_unread(tmp_path, answering):
    ran = read(tmp_path, {HERE: answering, THERE: SILENT})
    assert ran.returncode != 0, ran.stdout
    said = " ".join(ran.stdout.split())
    assert f"No region record was found, and the copy of {THERE} can't be read" in said
    assert "Nothing was changed" in said
    assert "will be active" not in said


def test_a_person_may_say_that_there_is_none(tmp_path, answering):
    ran = read(tmp_path, {HERE: answering, THERE: SILENT}, "-e", "region_record_none_yet=true")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert f"No record yet: {HERE} will be active" in ran.stdout


@pytest.mark.parametrize("other", ["holding", "silent"])
def test_a_record_that_was_found_says_which_region_is_active(tmp_path, holding, other):
    """Where it is known, a limited run goes on without the other region."""
    ran = read(tmp_path, {HERE: holding, THERE: holding if other == "holding" else SILENT})
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert f"{THERE} is active since epoch 2" in ran.stdout
