# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read and write flow logs; the client is passed in."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError, doing
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change
from ansible_collections.knowledgecity.platform.plugins.module_utils._vpc_flow_logs.model import (
    CLOUD_WATCH_LOGS,
    DEFAULT_FORMAT,
    S3_OPTIONS,
    FlowLog,
    Settings,
    Target,
    plain_destination,
    resource_type,
)


def _tags(listed: list[dict[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in listed if not tag["Key"].startswith("aws:")}


def _tag_list(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": str(value)} for key, value in tags.items()]


def _s3_options(item: dict[str, t.Any]) -> dict[str, t.Any]:
    """Return how a flow log is written to S3; what AWS leaves out is at its default."""
    if item.get("LogDestinationType") != "s3":
        return {}
    held = {"FileFormat": "plain-text", "HiveCompatiblePartitions": False, "PerHourPartition": False}
    held |= item.get("DestinationOptions") or {}
    return {name: held[aws] for name, aws in S3_OPTIONS.items()}


class FlowLogStore:
    """Read and write the flow logs of one region."""

    def __init__(self, client: t.Any, region: str):
        self._client = client
        self._region = region

    def vpcs_named(self, names: t.Collection[str]) -> dict[str, str]:
        """Return the IDs of the VPCs with these Name tags; a name that no VPC has is left out."""
        if not names:
            return {}
        filters = [{"Name": "tag:Name", "Values": sorted(names)}]
        with doing(f"find the VPCs {', '.join(sorted(names))} in {self._region}"):
            pages = self._client.get_paginator("describe_vpcs").paginate(Filters=filters)
            found = [vpc for page in pages for vpc in page["Vpcs"]]
        ids: dict[str, str] = {}
        for vpc in found:
            name = _tags(vpc.get("Tags", []))["Name"]
            if name in ids:
                raise PlatformError(
                    f"Two VPCs in {self._region} are named {name}: {ids[name]} and {vpc['VpcId']}. Name the resource_id instead."
                )
            ids[name] = vpc["VpcId"]
        return ids

    def read(self, resource_ids: t.Collection[str]) -> list[FlowLog]:
        """Read all flow logs of these resources."""
        if not resource_ids:
            return []
        filters = [{"Name": "resource-id", "Values": sorted(resource_ids)}]
        with doing(f"read the flow logs of {', '.join(sorted(resource_ids))} in {self._region}"):
            pages = self._client.get_paginator("describe_flow_logs").paginate(Filters=filters)
            return [self._flow_log(item) for page in pages for item in page["FlowLogs"]]

    def _flow_log(self, item: dict[str, t.Any]) -> FlowLog:
        destination = item.get("LogDestination")
        if not destination:
            # Flow logs that were created by a log group's name are shown without its ARN.
            destination = f"arn:aws:logs:{self._region}:*:log-group:{item.get('LogGroupName', '')}"
        settings = Settings(
            destination_type=item.get("LogDestinationType", CLOUD_WATCH_LOGS),
            destination=plain_destination(destination),
            role_arn=item.get("DeliverLogsPermissionArn") or None,
            traffic_type=item.get("TrafficType", "ALL"),
            aggregation_interval=int(item.get("MaxAggregationInterval", 600)),
            format=item.get("LogFormat") or DEFAULT_FORMAT,
            **_s3_options(item),
        )
        failed = item.get("DeliverLogsStatus") == "FAILED"
        problem = (item.get("DeliverLogsErrorMessage") or "delivery failed") if failed else None
        return FlowLog(item["FlowLogId"], item["ResourceId"], settings, _tags(item.get("Tags", [])), problem)

    def apply(self, changes: t.Iterable[Change]) -> None:
        """Apply the changes in their order."""
        for change in changes:
            target: Target = change.data
            if change.action in ("delete", "replace"):
                self._delete(change.resource, target)
            if change.action in ("create", "replace"):
                self._create(change.resource, target)
            if change.action == "update":
                self._tag(change.resource, target)

    def _refused(self, what: str, answer: dict[str, t.Any]) -> None:
        for item in answer.get("Unsuccessful", []):
            error = item.get("Error", {})
            raise PlatformError(
                f"Could not {what} in {self._region}: AWS answered {error.get('Code')}: {error.get('Message')}. "
                "Check that the destination exists, and that the role may be assumed by vpc-flow-logs.amazonaws.com."
            )

    def _delete(self, resource: str, target: Target) -> None:
        what = f"delete the {resource} ({target.flow_log_id})"
        with doing(f"{what} in {self._region}"):
            answer = self._client.delete_flow_logs(FlowLogIds=[target.flow_log_id])
        self._refused(what, answer)

    def _create(self, resource: str, target: Target) -> None:
        one = target.wanted
        if one.resource_id is None:
            raise PlatformError(
                f"Could not create the {resource}: no VPC in {self._region} is named {one.label}. Create it first."
            )
        settings = one.settings
        parameters: dict[str, t.Any] = {
            "ResourceIds": [one.resource_id],
            "ResourceType": resource_type(one.resource_id),
            "TrafficType": settings.traffic_type,
            "LogDestinationType": settings.destination_type,
            "LogDestination": settings.destination,
            "MaxAggregationInterval": settings.aggregation_interval,
        }
        if settings.role_arn:
            parameters["DeliverLogsPermissionArn"] = settings.role_arn
        options = {aws: getattr(settings, name) for name, aws in S3_OPTIONS.items()}
        stated = {aws: value for aws, value in options.items() if value is not None}
        if stated:
            parameters["DestinationOptions"] = stated
        if settings.format != DEFAULT_FORMAT:
            parameters["LogFormat"] = settings.format
        if one.tags:
            parameters["TagSpecifications"] = [{"ResourceType": "vpc-flow-log", "Tags": _tag_list(one.tags)}]
        what = f"create the {resource}"
        if target.flow_log_id:
            what += f" again (the one before, {target.flow_log_id}, is deleted)"
        with doing(f"{what} in {self._region}"):
            answer = self._client.create_flow_logs(**parameters)
        self._refused(what, answer)

    def _tag(self, resource: str, target: Target) -> None:
        with doing(f"tag the {resource} ({target.flow_log_id}) in {self._region}"):
            if target.tags_to_remove:
                keys = [{"Key": key} for key in target.tags_to_remove]
                self._client.delete_tags(Resources=[target.flow_log_id], Tags=keys)
            if target.tags_to_set:
                self._client.create_tags(Resources=[target.flow_log_id], Tags=_tag_list(target.tags_to_set))
