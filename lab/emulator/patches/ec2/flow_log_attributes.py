# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Flow logs keep what they were created with, exist once, and belong to something that exists.

AWS returns a flow log's role, format, interval, log group, delivery status and, for S3, destination options, refuses an equal one
with FlowLogAlreadyExists and a flow log of an unknown VPC, tags the resource type vpc-flow-log, and reports ids it can't delete.
The emulator keeps half of that, makes any number of equal flow logs of anything, knows another name of the type, and deletes
unknown ids without a word.
"""

from __future__ import annotations

from xml.sax.saxutils import escape

import ministack.services.ec2 as ec2

_DEFAULT_FORMAT = (
    "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} ${bytes} "
    "${start} ${end} ${action} ${log-status}"
)
_KEPT = ("DeliverLogsPermissionArn", "LogFormat", "MaxAggregationInterval")
_SAME = ("ResourceId", "TrafficType", "LogDestinationType", "LogDestination", "LogFormat")


def _stores():
    return {"VPC": ec2._vpcs, "Subnet": ec2._subnets, "NetworkInterface": ec2._network_interfaces}


def _failure(resource_id, code, message):
    return (
        f"<item><error><code>{code}</code><message>{escape(message)}</message></error>"
        f"<resourceId>{resource_id}</resourceId></item>"
    )


# In XML: how requests and answers call each of the destination options.
_OPTIONS = {
    "FileFormat": ("fileFormat", "plain-text"),
    "HiveCompatiblePartitions": ("hiveCompatiblePartitions", "false"),
    "PerHourPartition": ("perHourPartition", "false"),
}


def _options(params):
    if ec2._p(params, "LogDestinationType") != "s3":
        return {}
    return {
        "DestinationOptions": {
            name: ec2._p(params, f"DestinationOptions.{name}") or default for name, (_tag, default) in _OPTIONS.items()
        }
    }


def _attributes(params):
    values = {key: ec2._p(params, key) for key in _KEPT}
    values["LogFormat"] = values["LogFormat"] or _DEFAULT_FORMAT
    values["MaxAggregationInterval"] = values["MaxAggregationInterval"] or "600"
    return values


def _described(flow_log):
    more = "".join(
        f"<{key[0].lower()}{key[1:]}>{escape(flow_log[key])}</{key[0].lower()}{key[1:]}>"
        for key in _KEPT
        if flow_log.get(key)
    )
    destination = flow_log.get("LogDestination") or ""
    if flow_log["LogDestinationType"] == "cloud-watch-logs":
        group = destination.split(":log-group:")[-1].removesuffix(":*")
        more += f"<logGroupName>{escape(group)}</logGroupName>"
    if flow_log.get("DestinationOptions"):
        held = flow_log["DestinationOptions"]
        inner = "".join(f"<{tag}>{held[name]}</{tag}>" for name, (tag, _default) in _OPTIONS.items())
        more += f"<destinationOptions>{inner}</destinationOptions>"
    return f"""<item>
        <flowLogId>{flow_log["FlowLogId"]}</flowLogId>
        <resourceId>{flow_log["ResourceId"]}</resourceId>
        <trafficType>{flow_log["TrafficType"]}</trafficType>
        <logDestinationType>{flow_log["LogDestinationType"]}</logDestinationType>
        <logDestination>{escape(destination)}</logDestination>
        <flowLogStatus>{flow_log["FlowLogStatus"]}</flowLogStatus>
        <deliverLogsStatus>SUCCESS</deliverLogsStatus>
        <creationTime>{flow_log["CreationTime"]}</creationTime>
        {more}{ec2._tag_set_xml(flow_log["FlowLogId"])}
    </item>"""


def _describe(params):
    asked, filters = ec2._parse_member_list(params, "FlowLogId"), ec2._parse_filters(params)
    names = {"resource-id": "ResourceId", "traffic-type": "TrafficType", "log-destination-type": "LogDestinationType"}
    found = [
        flow_log
        for flow_log in ec2._flow_logs.values()
        if (not asked or flow_log["FlowLogId"] in asked)
        and ec2._resource_matches_tag_filters(flow_log["FlowLogId"], filters)
        and all(flow_log[key] in filters[name] for name, key in names.items() if name in filters)
    ]
    items = "".join(_described(flow_log) for flow_log in found)
    return ec2._xml(200, "DescribeFlowLogsResponse", f"<flowLogSet>{items}</flowLogSet>")


def _delete(params):
    failures = ""
    for flow_log_id in ec2._parse_member_list(params, "FlowLogId"):
        if flow_log_id not in ec2._flow_logs:
            message = f"The flow log '{flow_log_id}' does not exist"
            failures += _failure(flow_log_id, "InvalidFlowLogId.NotFound", message)
            continue
        del ec2._flow_logs[flow_log_id]
        ec2._tags.pop(flow_log_id, None)
    return ec2._xml(200, "DeleteFlowLogsResponse", f"<unsuccessful>{failures}</unsuccessful>")


def apply() -> None:
    create = ec2._ACTION_MAP["CreateFlowLogs"]

    def create_whole(params):
        kind = ec2._p(params, "ResourceType") or "VPC"
        wanted = _attributes(params)
        destination = ec2._p(params, "LogDestination") or ec2._p(params, "LogGroupName")
        failures, resources = "", []
        for resource_id in ec2._parse_member_list(params, "ResourceId"):
            same = wanted | {
                "ResourceId": resource_id,
                "TrafficType": ec2._p(params, "TrafficType"),
                "LogDestinationType": ec2._p(params, "LogDestinationType") or "cloud-watch-logs",
                "LogDestination": destination,
            }
            if resource_id not in _stores()[kind]:
                failures += _failure(
                    resource_id, f"Invalid{kind}Id.NotFound", f"The {kind} ID '{resource_id}' does not exist"
                )
            elif any(all(one.get(key) == same[key] for key in _SAME) for one in ec2._flow_logs.values()):
                message = "There is an existing Flow Log with the same configuration and log destination."
                failures += _failure(resource_id, "FlowLogAlreadyExists", message)
            else:
                resources.append(resource_id)
        kept = {key: value for key, value in params.items() if not key.startswith("ResourceId.")}
        before = set(ec2._flow_logs.keys())
        create(kept | {f"ResourceId.{n}": [resource_id] for n, resource_id in enumerate(resources, 1)})
        created = set(ec2._flow_logs.keys()) - before
        for flow_log_id in created:
            ec2._flow_logs[flow_log_id] |= wanted | _options(params)
            ec2._parse_tag_specs(params, "vpc-flow-log", flow_log_id)
        ids = "".join(f"<item>{flow_log_id}</item>" for flow_log_id in sorted(created))
        inner = f"<flowLogIdSet>{ids}</flowLogIdSet><unsuccessful>{failures}</unsuccessful>"
        return ec2._xml(200, "CreateFlowLogsResponse", inner)

    ec2._ACTION_MAP |= {"CreateFlowLogs": create_whole, "DescribeFlowLogs": _describe, "DeleteFlowLogs": _delete}
