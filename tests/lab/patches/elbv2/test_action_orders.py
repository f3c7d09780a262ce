# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from tests.support.groups import make_group

_FIXED = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}


def aws_behaviour(clients) -> bool:
    """Without an order none is shown, with one that one."""
    group = make_group(clients, "ordered", "10.83", 0)
    elb = group.api("elbv2")
    subnets = group.described()["VPCZoneIdentifier"].split(",")
    balancer = elb.create_load_balancer(Name="ordered", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    for port, more in ((80, {}), (81, {"Order": 7})):
        elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=port, DefaultActions=[_FIXED | more])
    listeners = elb.describe_listeners(LoadBalancerArn=balancer)["Listeners"]
    elb.delete_load_balancer(LoadBalancerArn=balancer)
    group.delete()
    return {item["Port"]: item["DefaultActions"][0].get("Order") for item in listeners} == {80: None, 81: 7}


def test_elbv2_action_orders(patched_only):
    patched_only("elbv2.action_orders", aws_behaviour)
