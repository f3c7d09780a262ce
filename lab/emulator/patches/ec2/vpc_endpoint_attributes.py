# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""DescribeVpcEndpoints filters, and tells an interface endpoint's security groups and private DNS.

The emulator returns every endpoint of the region whatever the filter, and forgets the security groups and PrivateDnsEnabled, which
AWS turns on for interface endpoints unless it is told not to.
"""

from __future__ import annotations

import ministack.services.ec2 as ec2


def _matches(endpoint, filters):
    values = {
        "vpc-id": endpoint["VpcId"],
        "vpc-endpoint-id": endpoint["VpcEndpointId"],
        "vpc-endpoint-type": endpoint["VpcEndpointType"],
        "vpc-endpoint-state": endpoint["State"],
        "service-name": endpoint["ServiceName"],
    }
    if not ec2._resource_matches_tag_filters(endpoint["VpcEndpointId"], filters):
        return False
    return all(value in filters[name] for name, value in values.items() if name in filters)


def _describe(params):
    asked, filters = ec2._parse_member_list(params, "VpcEndpointId"), ec2._parse_filters(params)
    for endpoint_id in asked:
        if endpoint_id not in ec2._vpc_endpoints:
            message = f"The Vpc Endpoint Id '{endpoint_id}' does not exist"
            return ec2._error("InvalidVpcEndpointId.NotFound", message, 400)
    items = "".join(
        ec2._vpce_fields_xml(endpoint)
        for endpoint in ec2._vpc_endpoints.values()
        if (not asked or endpoint["VpcEndpointId"] in asked) and _matches(endpoint, filters)
    )
    return ec2._xml(200, "DescribeVpcEndpointsResponse", f"<vpcEndpointSet>{items}</vpcEndpointSet>")


def apply() -> None:
    create, fields = ec2._ACTION_MAP["CreateVpcEndpoint"], ec2._vpce_fields_xml

    def create_whole(params):
        before = set(ec2._vpc_endpoints.keys())
        answer = create(params)
        for endpoint_id in set(ec2._vpc_endpoints.keys()) - before:
            endpoint = ec2._vpc_endpoints[endpoint_id]
            endpoint["Groups"] = ec2._parse_member_list(params, "SecurityGroupId")
            told = ec2._p(params, "PrivateDnsEnabled").lower()
            endpoint["PrivateDnsEnabled"] = endpoint["VpcEndpointType"] == "Interface" and told != "false"
        return answer

    def fields_whole(endpoint, tag="item"):
        groups = "".join(
            f"<item><groupId>{group_id}</groupId><groupName>{ec2._security_groups[group_id]['GroupName']}</groupName></item>"
            for group_id in endpoint.get("Groups", [])
            if group_id in ec2._security_groups
        )
        private_dns = str(endpoint.get("PrivateDnsEnabled", False)).lower()
        more = f"<groupSet>{groups}</groupSet><privateDnsEnabled>{private_dns}</privateDnsEnabled>"
        body, end, _rest = fields(endpoint, tag).rpartition(f"</{tag}>")
        return body + more + end

    ec2._ACTION_MAP |= {"CreateVpcEndpoint": create_whole, "DescribeVpcEndpoints": _describe}
    ec2._vpce_fields_xml = fields_whole
