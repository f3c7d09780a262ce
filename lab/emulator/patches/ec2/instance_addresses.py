# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""An instance has a free address of its subnet, is in the subnet's zone and its VPC's group, and holds the subnet while it lives.

AWS refuses an unknown subnet and an address that is taken, and gives a public address only where the launch or the subnet asks for
one. The emulator gives a random address of 10.0.0.0/16 and of 54.0.0.0/8, in the region's first zone, to everybody.
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-instance-addressing.html
"""

from __future__ import annotations

import ipaddress

import ministack.services.ec2 as ec2

from lab.emulator.state import interfaces
from lab.emulator.state.instances import refusal


def _wants_public(params, subnet):
    asked = ec2._p(params, "NetworkInterface.1.AssociatePublicIpAddress")
    return asked.lower() == "true" if asked else bool(subnet.get("MapPublicIpOnLaunch"))


def _problem(params, subnet):
    count = int(ec2._p(params, "MinCount") or "1")
    wanted = ec2._p(params, "PrivateIpAddress")
    if wanted and wanted in interfaces.taken(subnet["SubnetId"]):
        return refusal("InvalidIPAddress.InUse", f"Address {wanted} is in use.")
    if wanted and ipaddress.IPv4Address(wanted) not in ipaddress.IPv4Network(subnet["CidrBlock"]):
        return refusal("InvalidParameterValue", f"Address {wanted} does not fall within the subnet's address range")
    if sum(1 for _address, _number in zip(interfaces.free(subnet), range(count), strict=False)) < count:
        message = f"Insufficient free addresses in subnet '{subnet['SubnetId']}'."
        return refusal("InsufficientFreeAddressesInSubnet", message)
    return None


def _place(instance, subnet, wanted, public):
    address, region = wanted or next(interfaces.free(subnet)), ec2.get_region()
    host = f"ip-{address.replace('.', '-')}"
    interface_id = interfaces.create(subnet, address, instance["SecurityGroups"])
    public_address = instance["PublicIpAddress"] if public else ""
    instance |= {
        "_interface": interface_id,
        "PrivateIpAddress": address,
        "PrivateDnsName": f"{host}.{region}.compute.internal",
        "PublicIpAddress": public_address,
        "PublicDnsName": f"ec2-{public_address.replace('.', '-')}.{region}.compute.amazonaws.com" if public else "",
        "SubnetId": subnet["SubnetId"],
        "VpcId": subnet["VpcId"],
    }
    instance["Placement"]["AvailabilityZone"] = subnet["AvailabilityZone"]
    for mapping in instance["BlockDeviceMappings"]:
        ec2._volumes[mapping["Ebs"]["VolumeId"]]["AvailabilityZone"] = subnet["AvailabilityZone"]


def _without_empty(render):
    """Leave the public address out where there is none, as AWS does."""

    def rendered(instance):
        return render(instance).replace("<ipAddress></ipAddress>", "")

    return rendered


def apply() -> None:
    run, ec2._instance_xml = ec2._ACTION_MAP["RunInstances"], _without_empty(ec2._instance_xml)

    def run_in_subnet(params):
        subnet_id = ec2._p(params, "SubnetId") or ec2._DEFAULT_SUBNET_ID
        subnet = ec2._subnets.get(subnet_id)
        if not subnet:
            return refusal("InvalidSubnetID.NotFound", f"The subnet ID '{subnet_id}' does not exist")
        problem = _problem(params, subnet)
        if problem:
            return problem

        if not ec2._parse_member_list(params, "SecurityGroupId"):
            params |= {"SecurityGroupId.1": ec2._vpcs[subnet["VpcId"]]["DefaultSecurityGroupId"]}
        launch = ec2._launch_instances_internal

        def launch_in_subnet(**arguments):
            created = launch(**arguments)
            for instance in created:
                _place(instance, subnet, ec2._p(params, "PrivateIpAddress"), _wants_public(params, subnet))
            return created

        # The emulator writes its answer from what this function returns.
        ec2._launch_instances_internal = launch_in_subnet
        try:
            return run(params)
        finally:
            ec2._launch_instances_internal = launch

    ec2._ACTION_MAP["RunInstances"] = run_in_subnet
