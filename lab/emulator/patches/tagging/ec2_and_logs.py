# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""GetResources also finds what EC2 and CloudWatch Logs hold.

On AWS the Resource Groups Tagging API lists tagged VPCs, subnets, log groups and the like; the emulator's leaves both services
out, so that a scan for a platform's tag would call an account empty that isn't. Deleted resources keep their tags in the
emulator's memory: only what still exists is listed.
https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html
"""

from __future__ import annotations

import ministack.services.cloudwatch_logs as logs
import ministack.services.ec2 as ec2
import ministack.services.tagging as tagging
from ministack.core.responses import get_account_id, get_region

# Type in the ARN: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
_STORES = {
    "vpc": ec2._vpcs,
    "subnet": ec2._subnets,
    "security-group": ec2._security_groups,
    "internet-gateway": ec2._internet_gateways,
    "elastic-ip": ec2._addresses,
    "route-table": ec2._route_tables,
    "network-interface": ec2._network_interfaces,
    "vpc-endpoint": ec2._vpc_endpoints,
    "natgateway": ec2._nat_gateways,
    "network-acl": ec2._network_acls,
    "vpc-flow-log": ec2._flow_logs,
    "vpc-peering-connection": ec2._vpc_peering,
    "volume": ec2._volumes,
    "instance": ec2._instances,
    "launch-template": ec2._launch_templates,
}


def _collect_ec2():
    for kind, store in _STORES.items():
        for resource_id in store.keys():  # noqa: SIM118 (iterating the store itself yields all regions)
            if tags := ec2._tags.get(resource_id):
                yield f"arn:aws:ec2:{get_region()}:{get_account_id()}:{kind}/{resource_id}", list(tags)


def _collect_logs():
    for name, group in logs._log_groups.items():
        tags = [{"Key": key, "Value": value} for key, value in group["tags"].items()]
        if tags:
            yield f"arn:aws:logs:{get_region()}:{get_account_id()}:log-group:{name}", tags


def apply() -> None:
    tagging._COLLECTORS |= {"ec2": _collect_ec2, "logs": _collect_logs}
