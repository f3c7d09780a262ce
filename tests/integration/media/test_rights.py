# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Everything that servers and workers do, with the IAM role that role security creates: its permissions suffice, and none is
unused.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.policies.conftest import ACCOUNT, BUCKETS, PLAY, PREFIX, REGION, Tiers
from tests.support.labs import running_lab
from tests.support.media_tier import MediaTier

SECOND_KEY = "media-envelope-2"
# The server's services; the role's other permissions are for the host and its agents.
SERVICES = ("dynamodb", "kms", "s3", "secretsmanager", "sqs")
# Allowed, and never used.
IDLE = {
    "s3:GetBucketLocation",
    "s3:ListBucketMultipartUploads",
    "secretsmanager:DescribeSecret",
    "sqs:GetQueueUrl",
}
REDRIVE = {
    "deadLetterTargetArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{PREFIX}-{REGION}-media-dead",
    "maxReceiveCount": 3,
}


@pytest.fixture(scope="module")
def record(tmp_path_factory) -> Path:
    """Return the file in which the lab records permission checks."""
    return tmp_path_factory.mktemp("rights") / "checked"


@pytest.fixture(scope="module")
def tiers(tmp_path_factory, record):
    """Create the roles' resources in one region of a lab that records permission checks, with a second envelope key."""
    play = tmp_path_factory.mktemp("play") / "play.yml"
    further = f"security_further_keys: {{{SECOND_KEY}: media-envelope}}"
    play.write_text(PLAY.replace("security_waf: false", f"security_waf: false\n    {further}"))
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("LAB_RECORD_RIGHTS", str(record))
        with running_lab(tmp_path_factory.mktemp("lab") / "home") as lab:
            tiers = Tiers(lab, str(play))
            tiers.build()
            yield tiers


@pytest.fixture(scope="module")
def tier(tiers, tmp_path_factory) -> MediaTier:
    """Write the servers' settings as role media does, with the role's credentials in their environment."""
    tier = MediaTier(tiers.lab, tmp_path_factory.mktemp("media"))
    sqs, item = tiers.root("sqs"), {"name": {"S": "active"}, "active_region": {"S": REGION}, "epoch": {"N": "1"}}
    sqs.create_queue(QueueName=f"{PREFIX}-{REGION}-media-dead")
    queue = f"{PREFIX}-{REGION}-media"
    tiers.root("secretsmanager").create_secret(Name=f"{PREFIX}/media/tokens", SecretString=tier.token_keys)
    tiers.root("dynamodb").put_item(TableName=f"{PREFIX}-region-record", Item=item)
    made = {
        "bucket": f"{BUCKETS}-media",
        "queue_url": sqs.create_queue(QueueName=queue, Attributes={"RedrivePolicy": json.dumps(REDRIVE)})["QueueUrl"],
        "envelope_key": f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/{PREFIX}-{REGION}-media-envelope",
        "token_secret_id": f"{PREFIX}/media/tokens",
        "record_table": f"{PREFIX}-region-record",
        "token_ttl_s": 1,
        "retain_old_s": 1,
    }
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    tier.variables = dict(zip(names, tiers.credentials("media"), strict=True))
    return tier.write(tier.of_this_machine() | made)


def test_the_roles_permissions_suffice_and_none_is_unused(tiers, tier, record, source):
    with tier.running("check") as check:
        assert check.process.wait(60) == 0, check.text()
    with tier.running("serve") as server, tier.running("work") as worker, tier.client() as client:
        for scheme in ("cbcs", "aes-128"):
            tier.upload(client, source, f"film-{scheme}", scheme, ladder=[240])
        tier.upload(client, b"no video", "bad")
        tier.wait_for(client, "bad", "failed")
        # An upload that is repeated, and a message that is handed back.
        for _time in range(2):
            wanted = {"tenant": "acme", "asset": "left", "size": 5}
            assert client.post("/v1/assets", json=wanted, headers=tier.header()).status_code == 201
        tiers.root("sqs").send_message(QueueUrl=tier.settings["queue_url"], MessageBody="nonsense")
        for scheme in ("cbcs", "aes-128"):
            tier.wait_for(client, f"film-{scheme}", "ready")
            play(tier, client, f"film-{scheme}")
        second_key = f"alias/{PREFIX}-{REGION}-{SECOND_KEY}"
        for wanted in ({"mode": "reencrypt"}, {"mode": "rewrap"}, {"mode": "rewrap", "target_kms_key": second_key}):
            rotate_back_and_again(tier, client, wanted)
        play(tier, client, "film-cbcs")
        assert client.post("/v1/assets/acme/film-cbcs/accept", headers=tier.header()).status_code == 200
        recover(tier)
        said = [line for process in (server, worker) for line in process.lines()]
    refusals = [line for line in said if "AccessDenied" in json.dumps(line)]
    assert refusals == []
    used, refused = checked(record, f"{PREFIX}-{REGION}-media")
    assert refused == set()
    assert granted(tiers) - used == IDLE


def recover(tier) -> None:
    """Recover the accepted source, with the command of an operator on a host."""
    command = [sys.executable, "-m", "media_server.cli", "recover", "acme", "film-cbcs"]
    ran = subprocess.run(command, env=tier.environment(), capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "recovered 2 object(s)" in ran.stdout


def play(tier, client, asset: str) -> None:
    """Request every URL that a player uses."""
    kid = client.get(f"/v1/assets/acme/{asset}", headers=tier.header()).json()["playable"]["kid"]
    told = tier.playback(client, asset)
    for address in told["manifests"].values():
        assert client.get(address).status_code == 200
    key = client.get(f"/v1/keys/{kid}", params={"token": told["token"]})
    assert (key.status_code, len(key.content)) == (200, 16)


def rotate_back_and_again(tier, client, wanted: dict) -> None:
    """Run all operations of a rotation, to its end."""
    told = tier.rotation(client, "", wanted | {"dry_run": True})
    # Under the tenants' keys are those of a failed asset's source, too.
    assert (told["phase"], told["plan"]["assets"]) == ("planned", 3 if "target_kms_key" in wanted else 2)
    rotation = tier.rotation(client, "", wanted)["rotation_id"]
    for what, phase in (("start", "rotated"), ("rollback", "rolled-back"), ("start", "rotated"), ("verify", "rotated")):
        tier.rotation(client, f"/{rotation}/{what}")
        assert tier.wait_for_phase(client, rotation, phase)["failed"] == 0
    # Retention is counted from the change, in whole seconds.
    time.sleep(tier.settings["retain_old_s"] + 1)
    tier.rotation(client, f"/{rotation}/finalize")
    assert tier.wait_for_phase(client, rotation, "finalized")["failed"] == 0


def checked(record: Path, role: str) -> tuple[set[str], set[str]]:
    """Return the actions that were allowed for the role, and those that were denied."""
    checks = [json.loads(line) for line in record.read_text().splitlines()]
    of_role = [check for check in checks if f"/{role}/" in check["caller"] and "action" in check]
    refused = {check["action"] for check in of_role if not check["allowed"]}
    return {check["action"] for check in of_role} - refused, refused


def granted(tiers) -> set[str]:
    """Return the actions that the role allows for the server's services, except reading artefacts, which its host does."""
    iam, role = tiers.root("iam", "us-east-1"), f"{PREFIX}-{REGION}-media"
    policies = [
        iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]
    ]
    statements = [one for policy in policies for one in policy["Statement"] if "-artefacts" not in json.dumps(one)]
    actions = {action for one in statements for action in one["Action"]}
    return {action for action in actions if action.partition(":")[0] in SERVICES}
