# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Terminate the only host of an Auto Scaling group, and print how many seconds that took: end_host.py GROUP"""

from __future__ import annotations

import json
import os
import sys
import time

import boto3

REGION, PATIENCE_S = "me-west-1", 300.0


def main(name: str) -> None:
    scaling = boto3.client(
        "autoscaling", region_name=REGION, endpoint_url=json.loads(os.environ["LAB_ENDPOINTS"])[REGION]
    )

    def states() -> list[str]:
        (group,) = scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"]
        return [instance["LifecycleState"] for instance in group["Instances"]]

    scaling.update_auto_scaling_group(AutoScalingGroupName=name, MinSize=0)
    (group,) = scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"]
    (instance,) = group["Instances"]
    began, observed = time.monotonic(), []
    scaling.terminate_instance_in_auto_scaling_group(
        InstanceId=instance["InstanceId"], ShouldDecrementDesiredCapacity=True
    )
    while (now := states()) and time.monotonic() - began < PATIENCE_S:
        observed += [state for state in now if state not in observed]
        time.sleep(0.5)
    print(json.dumps({"seconds": round(time.monotonic() - began, 1), "states": observed}))


if __name__ == "__main__":
    main(*sys.argv[1:])
