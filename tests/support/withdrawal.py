# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Take actions out of the operator's policies, one at a time, and see whether a run says which one it misses."""

from __future__ import annotations

import contextlib
import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

from lab import operator
from lab.settings import ACCOUNT_ID, CHECKOUT
from tests.support import playbooks
from tests.support.labs import Clients
from tools.operator_policy import rules
from tools.operator_policy.comparison import actions_of


@dataclass(frozen=True)
class Withdrawn:
    """What a run made of a missing right."""

    action: str
    stopped: bool
    message: str
    seconds: float


def drawn(count: int, seed: int | None = None) -> list[str]:
    """Random actions that the playbooks' runs were seen to need; prints the seed they come from."""
    seed = random.SystemRandom().randrange(2**32) if seed is None else seed
    print(f"seed of the withdrawals: {seed}")
    policy = json.loads((CHECKOUT / "docs" / "operator-policy.json").read_text())
    return random.Random(seed).sample(sorted(actions_of(policy) - rules.completions().granted()), count)


@contextlib.contextmanager
def without(lab: Clients, action: str) -> Iterator[None]:
    """The operator's policies less one action."""
    for entry in operator.policies():
        _replace(lab, entry["path"] + entry["name"], _less(entry["document"], action))
    try:
        yield
    finally:
        for entry in operator.policies():
            _replace(lab, entry["path"] + entry["name"], entry["document"])


def run_without(lab: Clients, action: str, *arguments: str) -> Withdrawn:
    """Run site.yml without a right; asserts that it stops before its first change, or warns, and names the action."""
    with without(lab, action):
        ran = playbooks.run(lab, *arguments)
    stopped = ran.returncode != 0
    named = [line.strip() for line in ran.output.splitlines() if re.search(rf"{action}\b", line)]
    assert named, f"nothing names {action}: {ran.output[-3000:]}"
    assert stopped or "Worth knowing" in ran.output, f"{action} is named, but nobody is warned"
    assert not stopped or not any(ran.changed.values()), f"stopped without {action}, after its first change"
    return Withdrawn(action, stopped, named[0], round(ran.seconds, 1))


def _less(document: dict, action: str) -> dict:
    statements = []
    for statement in document["Statement"]:
        actions = [each for each in statement["Action"] if each != action]
        if statement["Effect"] == "Deny":
            statements.append(statement)
        elif actions:
            statements.append(statement | {"Action": actions})
    return document | {"Statement": statements}


def _replace(lab: Clients, path: str, document: dict) -> None:
    """Make it the policy's only version: AWS keeps five."""
    iam, arn = lab("iam", "us-east-1"), f"arn:aws:iam::{ACCOUNT_ID}:policy{path}"
    before = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(document), SetAsDefault=True)
    iam.delete_policy_version(PolicyArn=arn, VersionId=before)
