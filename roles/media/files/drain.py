# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""What a host does before its Auto Scaling group ends it. Both run as the server's user, and neither may stop a unit:

    drain.py watch FILE         make FILE once the group means to end this host; systemd then stops the worker, and starts the next
    drain.py leave GROUP HOOK   let the group go on

Whether the group means to end the host stands in the instance's metadata, so that nobody has to tell it:
https://docs.aws.amazon.com/autoscaling/ec2/userguide/retrieving-target-lifecycle-state-through-imds.html
"""

from __future__ import annotations

import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

LOOKS_EVERY = 5.0  # seconds
METADATA = "http://169.254.169.254/latest/"


def metadata(path: str) -> str:
    """A text of the instance metadata service; empty where there is none of that name."""
    wanted = {"X-aws-ec2-metadata-token-ttl-seconds": "60"}
    with urllib.request.urlopen(
        urllib.request.Request(METADATA + "api/token", headers=wanted, method="PUT"), timeout=5
    ) as answer:
        token = answer.read().decode()
    try:
        request = urllib.request.Request(METADATA + "meta-data/" + path, headers={"X-aws-ec2-metadata-token": token})
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.read().decode().strip()
    except urllib.error.HTTPError as error:
        if error.code == 404:
            return ""
        raise


def is_leaving(read: Callable[[str], str] = metadata) -> bool:
    """Whether the group means to end this host."""
    return read("autoscaling/target-lifecycle-state") == "Terminated"


def wait_for_the_end(look: Callable[[], bool] = is_leaving, pause: Callable[[float], None] = time.sleep) -> None:
    """Return once the host is leaving. A metadata service that doesn't answer is asked again."""
    while True:
        try:
            if look():
                return
        except OSError as error:
            print(f"drain: the metadata service does not answer: {error}")
        pause(LOOKS_EVERY)


def go_on(
    complete: Callable[[], None], refused: tuple[type[Exception], ...], pause: Callable[[float], None] = time.sleep
) -> None:
    """Tell the group that it need not wait any longer. Until it has begun to, it is told again."""
    while True:
        try:
            return complete()
        except refused as error:
            print(f"drain: the group does not wait yet: {error}")
        pause(LOOKS_EVERY)


def watch(file: str) -> None:
    wait_for_the_end()
    Path(file).touch()
    print("drain: this host is to end")


def leave(group: str, hook: str) -> None:
    # Here: what is above runs where there is no AWS client.
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    scaling = boto3.client("autoscaling")
    instance = metadata("instance-id")

    def complete() -> None:
        scaling.complete_lifecycle_action(
            AutoScalingGroupName=group, LifecycleHookName=hook, InstanceId=instance, LifecycleActionResult="CONTINUE"
        )

    go_on(complete, (BotoCoreError, ClientError))
    print("drain: the worker has stopped, and the group goes on")


if __name__ == "__main__":
    {"watch": watch, "leave": leave}[sys.argv[1]](*sys.argv[2:])
