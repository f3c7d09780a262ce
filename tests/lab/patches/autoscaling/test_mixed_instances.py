# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from collections import Counter

from tests.support.answers import error_code
from tests.support.groups import make_group, mixed


def aws_behaviour(clients) -> bool:
    """One on demand, half of the others on the spot market, over the types of the policy; shown as it was given."""
    policy = mixed(
        "mixed",
        *("c7i.large", "c6i.large"),
        OnDemandBaseCapacity=1,
        OnDemandPercentageAboveBaseCapacity=50,
        SpotAllocationStrategy="price-capacity-optimized",
    )
    group = make_group(clients, "mixed", "10.89", 5, MixedInstancesPolicy=policy)
    pages = group.api("ec2").describe_instances(Filters=[{"Name": "vpc-id", "Values": [group.vpc]}])["Reservations"]
    found = [instance for page in pages for instance in page["Instances"]]
    kinds = Counter((item.get("InstanceLifecycle", "on-demand"), item["InstanceType"]) for item in found)
    shown = group.described()
    told = {item["InstanceId"]: item.get("InstanceType") for item in shown["Instances"]}
    back = {"LaunchTemplate": {"LaunchTemplateName": "mixed", "Version": "1"}}
    refresh = group.api().start_instance_refresh
    no_refresh_to = error_code(refresh, AutoScalingGroupName=group.name, DesiredConfiguration=back) == "ValidationError"
    group.api().update_auto_scaling_group(AutoScalingGroupName=group.name, **back)
    plain = group.described()
    weighed = policy | {"LaunchTemplate": policy["LaunchTemplate"] | {"Overrides": [{"WeightedCapacity": "2"}]}}
    update = group.api().update_auto_scaling_group
    refused = error_code(update, AutoScalingGroupName=group.name, MixedInstancesPolicy=weighed) == "ValidationError"
    group.delete()
    return (
        kinds == {("on-demand", "c7i.large"): 3, ("spot", "c7i.large"): 1, ("spot", "c6i.large"): 1}
        and told == {item["InstanceId"]: item["InstanceType"] for item in found}
        and "LaunchTemplate" not in shown
        and shown["MixedInstancesPolicy"]["InstancesDistribution"]["OnDemandBaseCapacity"] == 1
        and shown["MixedInstancesPolicy"]["LaunchTemplate"]["Overrides"] == policy["LaunchTemplate"]["Overrides"]
        and "MixedInstancesPolicy" not in plain
        and plain["LaunchTemplate"]["Version"] == "1"
        and refused
        and no_refresh_to
    )


def test_auto_scaling_mixed_instances(patched_only):
    patched_only("autoscaling.mixed_instances", aws_behaviour)
