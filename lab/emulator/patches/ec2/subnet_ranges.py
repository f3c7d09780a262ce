# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A subnet lies within its VPC's range and overlaps no other.

AWS answers InvalidSubnet.Range and InvalidSubnet.Conflict; the emulator creates any subnet, and says 251 addresses are free in it.
"""

from __future__ import annotations

import ipaddress

import ministack.services.ec2 as ec2

# AWS keeps five addresses of every subnet.
RESERVED = 5


def apply() -> None:
    create = ec2._ACTION_MAP["CreateSubnet"]

    def create_checked(params):
        vpc = ec2._vpcs.get(ec2._p(params, "VpcId"))
        if not vpc:
            return ec2._error("InvalidVpcID.NotFound", f"The vpc ID '{ec2._p(params, 'VpcId')}' does not exist", 400)
        try:
            wanted = ipaddress.IPv4Network(ec2._p(params, "CidrBlock"))
        except ValueError:
            message = f"Value ({ec2._p(params, 'CidrBlock')}) for parameter cidrBlock is invalid."
            return ec2._error("InvalidParameterValue", message, 400)
        if not wanted.subnet_of(ipaddress.IPv4Network(vpc["CidrBlock"])):
            return ec2._error("InvalidSubnet.Range", f"The CIDR '{wanted}' is invalid.", 400)
        for subnet in ec2._subnets.values():
            if subnet["VpcId"] == vpc["VpcId"] and wanted.overlaps(ipaddress.IPv4Network(subnet["CidrBlock"])):
                return ec2._error("InvalidSubnet.Conflict", f"The CIDR '{wanted}' conflicts with another subnet", 400)
        before = set(ec2._subnets.keys())
        answer = create(params)
        for subnet_id in set(ec2._subnets.keys()) - before:
            ec2._subnets[subnet_id]["AvailableIpAddressCount"] = wanted.num_addresses - RESERVED
        return answer

    ec2._ACTION_MAP["CreateSubnet"] = create_checked
