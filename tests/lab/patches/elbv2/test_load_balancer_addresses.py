# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from tests.support.answers import error_code
from tests.support.groups import make_group


def aws_behaviour(clients) -> bool:
    """An interface in each subnet it has, in its zone and VPC, for as long as it lives; two subnets of a zone are refused."""
    group = make_group(clients, "balanced", "10.84", 0)
    elb, ec2 = group.api("elbv2"), group.api("ec2")
    subnets = group.described()["VPCZoneIdentifier"].split(",")
    made = elb.create_load_balancer(Name="balanced", Subnets=subnets)["LoadBalancers"][0]
    same_zone = ec2.create_subnet(VpcId=group.vpc, CidrBlock="10.84.9.0/24", AvailabilityZone="me-west-1a")
    twice = [subnets[0], same_zone["Subnet"]["SubnetId"]]
    refused = error_code(elb.create_load_balancer, Name="twice", Subnets=twice) == "InvalidConfigurationRequest"

    def interfaces() -> list[str]:
        found = ec2.describe_network_interfaces(Filters=[{"Name": "vpc-id", "Values": [group.vpc]}])
        return sorted(
            item["SubnetId"]
            for item in found["NetworkInterfaces"]
            if item["Description"].startswith("ELB app/balanced/")
        )

    during = interfaces()
    elb.set_subnets(LoadBalancerArn=made["LoadBalancerArn"], Subnets=[subnets[1], twice[1]])
    moved = interfaces()
    elb.delete_load_balancer(LoadBalancerArn=made["LoadBalancerArn"])
    after = interfaces()
    group.delete()
    zones = {zone["SubnetId"]: zone["ZoneName"] for zone in made["AvailabilityZones"]}
    return (
        zones == dict(zip(subnets, ("me-west-1a", "me-west-1b"), strict=True))
        and made["VpcId"] == group.vpc
        and len(made["SecurityGroups"]) == 1
        and (during, moved, after) == (sorted(subnets), sorted([subnets[1], twice[1]]), [])
        and refused
    )


def test_elbv2_load_balancer_addresses(patched_only):
    patched_only("elbv2.load_balancer_addresses", aws_behaviour)
