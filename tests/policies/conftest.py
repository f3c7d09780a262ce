# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""One region's tiers, built by the roles, and sessions of their roles."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from botocore.exceptions import ClientError

from tests.support.labs import Clients
from tests.support.playbooks import run

REGION = "me-west-1"
ACCOUNT = "111122223333"
PREFIX = "tiers-test"
BUCKETS = f"{PREFIX}-{REGION}-storage"

PLAY = """
- name: Build what the account holds once
  hosts: account
  gather_facts: false
  environment: &environment "{{ aws_region | knowledgecity.platform.aws_environment(platform_endpoints) }}"
  module_defaults: &module_defaults
    group/knowledgecity.platform.aws:
      region_endpoints: "{{ platform_endpoints }}"
  vars: &vars
    platform_name: tiers
    platform_environment: test
    security_waf: false
  tasks:
    - name: Make the roles
      ansible.builtin.include_role:
        name: knowledgecity.platform.security
        tasks_from: account

- name: Build a region
  hosts: me-west-1
  gather_facts: false
  environment: *environment
  module_defaults: *module_defaults
  vars: *vars
  roles:
    - role: knowledgecity.platform.region_record
    - role: knowledgecity.platform.security
    - role: knowledgecity.platform.storage
"""


@dataclass(frozen=True)
class Tiers:
    """The tiers of one region in a lab. `root` and `session` give clients of any service."""

    lab: Clients
    play: str

    def root(self, service: str, region: str = REGION):
        """A client under the account's root user."""
        return self.lab(service, region, key=(ACCOUNT, "unused"))

    def build(self):
        """Run the roles."""
        return run(self.lab, playbook=self.play, administrator=True).succeeded()

    def session(self, tier: str) -> Callable:
        """Clients under a tier's role."""
        key = self.credentials(tier)
        return lambda service, region=REGION: self.lab(service, region, key=key)

    def credentials(self, tier: str) -> tuple[str, ...]:
        """Key, secret and token of a tier's role. What may assume it is put back afterwards."""
        iam, name = self.root("iam", "us-east-1"), f"{PREFIX}-{REGION}-{tier}"
        kept = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
        anyone = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
        iam.update_assume_role_policy(
            RoleName=name, PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [anyone]})
        )
        try:
            made = self.lab("sts").assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/{name}", RoleSessionName="test")
        finally:
            iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(kept))
        return tuple(made["Credentials"][part] for part in ("AccessKeyId", "SecretAccessKey", "SessionToken"))

    def key(self, purpose: str) -> str:
        """The ARN of a key."""
        return self.root("kms").describe_key(KeyId=f"alias/{PREFIX}-{REGION}-{purpose}")["KeyMetadata"]["Arn"]


def refused(call: Callable, **arguments) -> bool:
    """Whether IAM refuses a call; a call that fails for any other reason is not refused."""
    try:
        call(**arguments)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        return code in ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation")
    return False


@pytest.fixture(scope="module")
def tiers(lab, tmp_path_factory) -> Tiers:
    play = tmp_path_factory.mktemp("tiers") / "play.yml"
    play.write_text(PLAY)
    built = Tiers(lab, str(play))
    built.build()
    s3 = built.root("s3")
    for bucket, key in (
        ("artefacts", "runner.tar"),
        ("backups", "mysql/full"),
        ("backups", "kubernetes/full"),
        ("media", "a"),
    ):
        s3.put_object(Bucket=f"{BUCKETS}-{bucket}", Key=key, Body=b"x")
    for owner in ("runner", "database", "media", "api", "reporting"):
        built.root("secretsmanager").create_secret(Name=f"{PREFIX}/{owner}/token", SecretString="s")
    for queue in ("media", "media-dead"):
        built.root("sqs").create_queue(QueueName=f"{PREFIX}-{REGION}-{queue}")
    return built
