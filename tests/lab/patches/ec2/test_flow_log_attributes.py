# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations


def aws_behaviour(clients) -> bool:
    """A flow log reads back whole, with how it is written to S3, exists once, and needs a VPC."""
    ec2 = clients("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.66.0.0/16")["Vpc"]["VpcId"]
    wanted = {
        "ResourceType": "VPC",
        "TrafficType": "ALL",
        "LogDestinationType": "cloud-watch-logs",
        "LogDestination": "arn:aws:logs:me-west-1:111122223333:log-group:flows",
        "DeliverLogsPermissionArn": "arn:aws:iam::111122223333:role/flows",
        "LogFormat": "${version} ${srcaddr}",
        "MaxAggregationInterval": 60,
    }
    tags = [{"Key": "tier", "Value": "network"}]
    specification = [{"ResourceType": "vpc-flow-log", "Tags": tags}]
    flow_log = ec2.create_flow_logs(ResourceIds=[vpc], TagSpecifications=specification, **wanted)["FlowLogIds"][0]
    found = ec2.describe_flow_logs(FlowLogIds=[flow_log])["FlowLogs"][0]
    codes = [
        item["Error"]["Code"]
        for item in ec2.create_flow_logs(ResourceIds=[vpc, "vpc-1"], **wanted).get("Unsuccessful", [])
    ]
    options = {"FileFormat": "parquet", "HiveCompatiblePartitions": True, "PerHourPartition": False}
    in_s3 = ec2.create_flow_logs(
        ResourceIds=[vpc],
        ResourceType="VPC",
        TrafficType="ALL",
        LogDestinationType="s3",
        LogDestination="arn:aws:s3:::flows",
        DestinationOptions=options,
    )["FlowLogIds"]
    written = ec2.describe_flow_logs(FlowLogIds=in_s3)["FlowLogs"][0].get("DestinationOptions")
    kept = ("LogFormat", "MaxAggregationInterval", "DeliverLogsPermissionArn")
    return (
        all(found.get(key) == wanted[key] for key in kept)
        and found.get("LogGroupName") == "flows"
        and found["Tags"] == tags
        and written == options
        and codes == ["FlowLogAlreadyExists", "InvalidVPCId.NotFound"]
    )


def test_flow_log_attributes(patched_only):
    patched_only("ec2.flow_log_attributes", aws_behaviour)
