# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Workers that are stopped or killed, and invalid messages: another worker runs the job, once."""

from __future__ import annotations

import json
import signal
import time

import pytest

from tests.media.sources import moving_picture
from tests.support.media_tier import MOST_RECEIVES, MediaTier

# The worker with a visibility timeout of seconds, instead of a minute and a half.
SHORT_TIMEOUTS = "tests.support.media_process"


@pytest.fixture(scope="module")
def quiet(lab, tmp_path_factory):
    """Create a tier with a queue that no other worker uses, and a client."""
    tier = MediaTier(lab, tmp_path_factory.mktemp("quiet")).build()
    with tier.running("serve"), tier.client() as client:
        yield tier, client


@pytest.fixture(scope="module")
def long_source(tmp_path_factory) -> bytes:
    """Return a video whose encoding takes some seconds."""
    return moving_picture(tmp_path_factory.mktemp("long") / "long.mp4", size="1280x720", seconds=12).read_bytes()


def until(condition, most_s: float = 180) -> None:
    end = time.monotonic() + most_s
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)


def versions(tier, asset: str) -> set[str]:
    listed = tier.lab("s3", tier.region).list_object_versions(Bucket=tier.name, Prefix=f"media/acme/{asset}/v")
    return {item["Key"].split("/")[3] for item in listed.get("Versions", [])}


def is_working(worker) -> bool:
    return any(line["event"] == "working" for line in worker.lines())


def begun(worker) -> bool:
    return any(line["event"] == "job begins" for line in worker.lines())


def results(worker) -> list[str]:
    """Return the results of the jobs that a worker has ended."""
    return [line["result"] for line in worker.lines() if line["event"] == "job ends"]


def test_a_stopped_worker_hands_its_job_to_another(quiet, long_source):
    tier, client = quiet
    tier.upload(client, long_source, "handed-on")
    with tier.running("work") as first:
        until(lambda: begun(first))
        asked = time.monotonic()
        assert first.stop(signal.SIGTERM) == 0
        assert time.monotonic() - asked < 12
    assert results(first) == ["handed-back"]
    assert not any((tier.home / "work" / "jobs").glob("*"))
    with tier.running("work") as second:
        until(lambda: is_working(second))
        # At once, not after the visibility timeout of a killed worker's message.
        until(lambda: begun(second), most_s=15)
        tier.wait_for(client, "handed-on", "ready")
    assert versions(tier, "handed-on") == {"v1"}


def test_a_killed_workers_job_is_done_by_another_and_its_unencrypted_files_are_removed(quiet, long_source):
    tier, client = quiet
    tier.upload(client, long_source, "killed")
    jobs = tier.home / "work" / "jobs"
    with tier.running("work", SHORT_TIMEOUTS) as first:
        until(lambda: any(jobs.glob("*/source")))
        first.stop(signal.SIGKILL)
    assert any(jobs.iterdir())
    with tier.running("work", SHORT_TIMEOUTS) as second:
        until(lambda: is_working(second))
        assert not any(jobs.iterdir())
        tier.wait_for(client, "killed", "ready")
    assert versions(tier, "killed") == {"v1"}


def test_an_asset_whose_workers_were_all_killed_fails_and_can_be_uploaded_again(quiet, long_source):
    tier, client = quiet
    tier.upload(client, long_source, "given-up")
    for _try in range(MOST_RECEIVES - 1):
        with tier.running("work", SHORT_TIMEOUTS) as killed:
            until(lambda: begun(killed))
            tier.wait_for(client, "given-up", "packaging")
            killed.stop(signal.SIGKILL)
    with tier.running("work", SHORT_TIMEOUTS) as last:
        assert tier.wait_for(client, "given-up", "failed")["failure"]["code"] == "gave-up"
        until(lambda: [json.loads(body)["asset"] for body in dead_letters(tier)] == ["given-up"])
        tier.upload(client, long_source, "given-up")
        tier.wait_for(client, "given-up", "ready")
        # The asset is ready before the job has ended.
        until(lambda: len(results(last)) > 1)
    assert results(last) == ["given-up", "ready"]
    assert versions(tier, "given-up") == {"v1"}


def dead_letters(tier) -> list[str]:
    """Return the messages in the dead-letter queue, without removing them."""
    sqs = tier.lab("sqs", tier.region)
    dead = sqs.get_queue_url(QueueName=f"{tier.name}-dead")["QueueUrl"]
    found = sqs.receive_message(QueueUrl=dead, WaitTimeSeconds=1, VisibilityTimeout=0, MaxNumberOfMessages=10)
    return [message["Body"] for message in found.get("Messages", [])]


def test_an_invalid_message_ends_in_the_dead_letter_queue(quiet):
    tier, _client = quiet
    sqs = tier.lab("sqs", tier.region)
    queue = tier.settings["queue_url"]
    sqs.send_message(QueueUrl=queue, MessageBody=json.dumps({"kind": "unknown-kind"}))
    receives = 0
    for _try in range(MOST_RECEIVES + 1):
        for message in sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=1, MaxNumberOfMessages=10).get(
            "Messages", []
        ):
            receives += "unknown-kind" in message["Body"]
            sqs.change_message_visibility(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
    assert receives == MOST_RECEIVES
    assert {"kind": "unknown-kind"} in [json.loads(body) for body in dead_letters(tier)]


def test_the_standby_region_refuses_writes(quiet):
    tier, client = quiet
    tier.set_active("eu-central-1")
    try:
        wanted = {"tenant": "acme", "asset": "elsewhere", "size": 5}
        refused = client.post("/v1/assets", json=wanted, headers=tier.header())
    finally:
        tier.set_active(tier.region)
    assert (refused.status_code, refused.json()["code"]) == (503, "not-active")
    assert refused.headers["retry-after"]
    assert "eu-central-1" in refused.json()["message"]


def test_check_says_what_readyz_says(quiet):
    tier, client = quiet
    with tier.running("check") as check:
        assert check.process.wait(60) == 0
    told = json.loads(check.text())
    assert told["ready"] is True
    assert set(told["checks"]) == set(client.get("/readyz").json()["checks"])
    tier.lab("sqs", tier.region).delete_queue(QueueUrl=tier.settings["queue_url"])
    with tier.running("check") as check:
        assert check.process.wait(60) == 1
    told = json.loads(check.text())
    assert [name for name, found in told["checks"].items() if not found["ok"]] == ["sqs"]
