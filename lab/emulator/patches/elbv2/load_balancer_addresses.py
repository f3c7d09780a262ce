# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A load balancer has an address in each of its subnets, is in their VPC and zones, and holds the subnets while it lives.

The emulator gives it no address, another VPC, and the region's first zone for every subnet.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html
"""

from __future__ import annotations

import ministack.services.alb as alb
import ministack.services.ec2 as ec2

from lab.emulator.state import interfaces


def _subnets(params: dict) -> list[str]:
    named, number = alb._parse_member_list(params, "Subnets"), 1
    while mapped := alb._p(params, f"SubnetMappings.member.{number}.SubnetId"):
        named.append(mapped)
        number += 1
    return named


def _problem(subnets: list[str]) -> tuple | None:
    unknown = [name for name in subnets if name not in ec2._subnets]
    if unknown:
        return alb._error("SubnetNotFound", f"The subnet ID '{unknown[0]}' is not valid")
    zones = [ec2._subnets[name]["AvailabilityZone"] for name in subnets]
    if len(set(zones)) != len(zones):
        message = "A load balancer cannot be attached to multiple subnets in the same Availability Zone"
        return alb._error("InvalidConfigurationRequest", message)
    return None


def _place(balancer: dict) -> None:
    """Give a load balancer interfaces in its subnets, and take those of others away."""
    kept = balancer.setdefault("_interfaces", {})
    for subnet_id in set(kept) - set(balancer["Subnets"]):
        ec2._network_interfaces.pop(kept.pop(subnet_id), None)
    description = f"ELB {balancer['LoadBalancerArn'].partition('loadbalancer/')[2]}"
    for subnet_id in balancer["Subnets"]:
        if subnet_id not in kept:
            subnet = ec2._subnets[subnet_id]
            groups = [{"GroupId": name, "GroupName": ""} for name in balancer["SecurityGroups"]]
            kept[subnet_id] = interfaces.create(subnet, next(interfaces.free(subnet)), groups, description)
            balancer["VpcId"] = subnet["VpcId"]


def _zones(balancer: dict, xml: str) -> str:
    for subnet_id in balancer["Subnets"]:
        zone = ec2._subnets.get(subnet_id, {}).get("AvailabilityZone")
        wrong = f"<ZoneName>{alb.get_region()}a</ZoneName><SubnetId>{subnet_id}</SubnetId>"
        xml = xml.replace(wrong, f"<ZoneName>{zone}</ZoneName><SubnetId>{subnet_id}</SubnetId>") if zone else xml
    return xml


def apply() -> None:
    create, delete, render = alb._ACTION_MAP["CreateLoadBalancer"], alb._ACTION_MAP["DeleteLoadBalancer"], alb._lb_xml
    move = alb._ACTION_MAP["SetSubnets"]

    def create_placed(params: dict) -> tuple:
        subnets = _subnets(params)
        if problem := _problem(subnets):
            return problem
        members = {f"Subnets.member.{number}": name for number, name in enumerate(subnets, 1)}
        if subnets and not alb._parse_member_list(params, "SecurityGroups"):
            vpc = ec2._vpcs[ec2._subnets[subnets[0]]["VpcId"]]
            members["SecurityGroups.member.1"] = vpc["DefaultSecurityGroupId"]
        before = set(alb._lbs.keys())
        answer = create(params | members)
        made = [arn for arn in alb._lbs.keys() if arn not in before]  # noqa: SIM118 not a dict
        if not made:
            return answer
        _place(alb._lbs[made[0]])
        return alb._xml(200, "CreateLoadBalancer", f"<LoadBalancers>{alb._lb_xml(alb._lbs[made[0]])}</LoadBalancers>")

    def move_placed(params: dict) -> tuple:
        if problem := _problem(_subnets(params)):
            return problem
        answer = move(params)
        if answer[0] == 200:
            _place(alb._lbs[alb._p(params, "LoadBalancerArn")])
        return answer

    def delete_placed(params: dict) -> tuple:
        balancer = alb._lbs.get(alb._p(params, "LoadBalancerArn"))
        for interface in (balancer or {}).get("_interfaces", {}).values():
            ec2._network_interfaces.pop(interface, None)
        return delete(params)

    alb._lb_xml = lambda balancer: _zones(balancer, render(balancer))
    alb._ACTION_MAP |= {
        "CreateLoadBalancer": create_placed,
        "SetSubnets": move_placed,
        "DeleteLoadBalancer": delete_placed,
    }
