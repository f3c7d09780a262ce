# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""What an environment consists of, read back by plain API calls, in a form that two builds can be compared by.

Identifiers are replaced by the names they stand for, and times are left out: two builds of the same settings are equal.
"""

from __future__ import annotations

import contextlib
import difflib
import json
import re
from typing import Any

from botocore.exceptions import ClientError

from tests.support.labs import Clients

REGIONS = ("me-west-1", "eu-central-1")

_EC2 = {
    "describe_vpcs": "Vpcs",
    "describe_subnets": "Subnets",
    "describe_route_tables": "RouteTables",
    "describe_internet_gateways": "InternetGateways",
    "describe_nat_gateways": "NatGateways",
    "describe_addresses": "Addresses",
    "describe_network_acls": "NetworkAcls",
    "describe_security_groups": "SecurityGroups",
    "describe_vpc_endpoints": "VpcEndpoints",
    "describe_flow_logs": "FlowLogs",
    "describe_vpc_peering_connections": "VpcPeeringConnections",
}
_BUCKET = (
    "get_bucket_versioning",
    "get_bucket_encryption",
    "get_bucket_policy",
    "get_public_access_block",
    "get_bucket_lifecycle_configuration",
    "get_bucket_logging",
    "get_bucket_replication",
    "get_bucket_ownership_controls",
    "get_bucket_tagging",
)
_IDENTIFIER = re.compile(r"\b([a-z]{2,10})-[0-9a-f]{8,17}\b")
# The part of an endpoint's name that RDS draws.
_ENDPOINT = re.compile(r"\.[a-z0-9]{8,16}(?=\.[a-z0-9-]+\.rds\.amazonaws\.com\b)")
_UUID = re.compile(r"\b(?:mrk-)?[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}\b")
# Times, drawn addresses and drawn names: different in every build.
_DRAWN = {
    "CreateTime", "CreationDate", "CreationTime", "CreationTimestamp", "creationTime", "PublicIp", "PrivateIp", "PrivateIpAddress",
    "NetworkInterfaceId", "AssociationId", "OwnerId", "NetworkAclAssociationId", "RouteTableAssociationId", "ResponseMetadata",
    "NetworkInterfaceIds", "DnsEntries", "ExpirationTime", "RoleId", "DhcpOptionsId", "CreateDate", "RoleLastUsed", "since",
    "ID", "SecurityGroupRuleId", "CreationDateTime", "TableId", "ItemCount", "TableSizeBytes", "CurrentKeyMaterialId",
    "InstanceCreateTime", "LatestRestorableTime", "DbiResourceId", "RestoreWindow", "SubnetIdentifier",
    "DBInstanceAutomatedBackupsReplications",
}  # fmt: skip


def digest(lab: Clients, platform: str = "kc", environment: str = "lab") -> dict[str, Any]:
    """The environment's resources by region and kind, comparable with those of another build."""
    prefix = f"{platform}-{environment}-"
    state: dict[str, Any] = {region: _region(lab, region, prefix) for region in REGIONS}
    roles = lab("iam", "us-east-1").list_roles()["Roles"]
    state["iam"] = _comparable([role for role in roles if role["RoleName"].startswith(prefix)], {})
    state["zones"] = _zones(lab("route53", "us-east-1"), prefix)
    return state


def difference(found: dict[str, Any], expected: dict[str, Any]) -> str:
    """Where two digests differ, as a diff; empty where they are equal."""
    texts = [json.dumps(state, indent=1, sort_keys=True, default=str).splitlines() for state in (expected, found)]
    return "\n".join(difflib.unified_diff(*texts, "expected", "found", n=6, lineterm=""))


def _zones(route53, prefix: str) -> dict[str, Any]:
    """The names in the zones that were made for the environment; the values come from identifiers."""
    state = {}
    for zone in route53.list_hosted_zones()["HostedZones"]:
        if zone["Config"].get("Comment", "").endswith(prefix[:-1]):
            records = route53.list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]
            state[zone["Name"]] = sorted([record["Name"], record["Type"]] for record in records)
    return state


def _certificates(acm, platform: str) -> list[Any]:
    found = []
    for summary in acm.list_certificates()["CertificateSummaryList"]:
        arn = {"CertificateArn": summary["CertificateArn"]}
        tags = {tag["Key"]: tag["Value"] for tag in acm.list_tags_for_certificate(**arn)["Tags"]}
        if tags.get("Name") == platform:
            certificate = acm.describe_certificate(**arn)["Certificate"]
            found.append([certificate["SubjectAlternativeNames"], certificate["Status"], tags])
    return found


def _region(lab: Clients, region: str, prefix: str) -> dict[str, Any]:
    ec2 = lab("ec2", region)
    names = {
        tag["ResourceId"]: tag["Value"]
        for tag in ec2.describe_tags(Filters=[{"Name": "key", "Values": ["Name"]}])["Tags"]
    }
    ours = {vpc["VpcId"] for vpc in ec2.describe_vpcs()["Vpcs"] if names.get(vpc["VpcId"], "").startswith(prefix)}
    state = {}
    for call, field in _EC2.items():
        found = getattr(ec2, call)()[field]
        state[field] = _comparable([item for item in found if _belongs(item, ours, prefix)], names)
    state["Buckets"] = _buckets(lab("s3", region), region, prefix)
    kms = lab("kms", region)
    aliases = [alias for alias in kms.list_aliases()["Aliases"] if alias["AliasName"].startswith(f"alias/{prefix}")]
    state["Keys"] = _comparable(
        [
            {
                "alias": alias["AliasName"],
                "key": kms.describe_key(KeyId=alias["TargetKeyId"])["KeyMetadata"],
                "rotation": kms.get_key_rotation_status(KeyId=alias["TargetKeyId"])["KeyRotationEnabled"],
            }
            for alias in aliases
        ],
        {},
    )
    state["Certificates"] = _certificates(lab("acm", region), prefix[:-1])
    groups = lab("logs", region).describe_log_groups()["logGroups"]
    state["LogGroups"] = _comparable([group for group in groups if prefix[:-1] in group["logGroupName"]], names)
    state |= _databases(lab("rds", region), prefix)
    state |= _balancing(lab("elbv2", region), prefix, names)
    queues = lab("sqs", region)
    state["Queues"] = {
        url.rpartition("/")[2]: _comparable(_queue(queues, url), names)
        for url in queues.list_queues(QueueNamePrefix=prefix).get("QueueUrls", [])
    }
    secrets = lab("secretsmanager", region).list_secrets()["SecretList"]
    state["Secrets"] = _comparable(
        [
            {name: item.get(name) for name in ("Name", "KmsKeyId", "Tags", "PrimaryRegion")}
            for item in secrets
            if item["Name"].startswith(f"{prefix[:-1]}/")
        ],
        {},
    )
    dynamodb = lab("dynamodb", region)
    tables = [name for name in dynamodb.list_tables()["TableNames"] if name.startswith(prefix)]
    state["Tables"] = {name: _comparable(dynamodb.scan(TableName=name)["Items"], {}) for name in tables}
    return state


def _queue(sqs, url: str) -> dict[str, str]:
    """What was set of a queue, without what happens in it."""
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return {
        name: value for name, value in found.items() if not name.startswith("Approximate") and "Timestamp" not in name
    }


def _balancing(elb, prefix: str, names: dict[str, str]) -> dict[str, Any]:
    """Load balancers with their listeners, and target groups. Their ARNs hold identifiers, and are left out."""
    balancers = [
        balancer
        for balancer in elb.describe_load_balancers()["LoadBalancers"]
        if balancer["LoadBalancerName"].startswith(prefix)
    ]
    shown = ("LoadBalancerName", "Scheme", "Type", "SecurityGroups")
    listened = ("Port", "Protocol", "SslPolicy")
    return {
        "LoadBalancers": _comparable(
            [
                {name: balancer[name] for name in shown}
                | {
                    "listeners": [
                        {name: listener.get(name) for name in listened}
                        for listener in elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
                    ],
                    "attributes": elb.describe_load_balancer_attributes(LoadBalancerArn=balancer["LoadBalancerArn"])[
                        "Attributes"
                    ],
                }
                for balancer in balancers
            ],
            names,
        ),
        "TargetGroups": _comparable(
            [
                {name: value for name, value in group.items() if not name.endswith(("Arn", "Arns"))}
                for group in elb.describe_target_groups()["TargetGroups"]
                if group["TargetGroupName"].startswith(prefix)
            ],
            names,
        ),
    }


def _databases(rds, prefix: str) -> dict[str, Any]:
    """Instances, what they stand in, the parameters that were set, and the backups that are kept of others."""
    groups = rds.describe_db_parameter_groups()["DBParameterGroups"]
    ours = [item["DBParameterGroupName"] for item in groups if item["DBParameterGroupName"].startswith(prefix)]
    found = {
        "Databases": rds.describe_db_instances()["DBInstances"],
        "DatabaseSubnetGroups": rds.describe_db_subnet_groups()["DBSubnetGroups"],
        "DatabaseBackups": rds.describe_db_instance_automated_backups()["DBInstanceAutomatedBackups"],
    }
    # RDS chooses the zone among those of the subnet group, and the names of backups.
    chosen = {"AvailabilityZone", "SecondaryAvailabilityZone", "DBInstanceAutomatedBackupsArn"}
    return {
        kind: _comparable(
            [
                {name: value for name, value in item.items() if name not in chosen}
                for item in items
                if _database_name(item).startswith(prefix)
            ],
            {},
        )
        for kind, items in found.items()
    } | {
        "DatabaseParameters": {
            name: {
                item["ParameterName"]: item.get("ParameterValue")
                for page in rds.get_paginator("describe_db_parameters").paginate(
                    DBParameterGroupName=name, Source="user"
                )
                for item in page["Parameters"]
            }
            for name in ours
        }
    }


def _database_name(item: dict) -> str:
    return item.get("DBInstanceIdentifier") or item["DBSubnetGroupName"]


def _belongs(item: dict, vpcs: set[str], prefix: str) -> bool:
    # AWS lists deleted NAT gateways and peering connections for a while.
    if "deleted" in (
        item.get("State"),
        item.get("Status", {}).get("Code") if isinstance(item.get("Status"), dict) else None,
    ):
        return False
    tags = {tag["Key"]: tag["Value"] for tag in item.get("Tags", [])}
    return item.get("VpcId") in vpcs or tags.get("Name", "").startswith(prefix)


def _buckets(s3, region: str, prefix: str) -> dict[str, Any]:
    state = {}
    for bucket in s3.list_buckets()["Buckets"]:
        name = bucket["Name"]
        if not name.startswith(prefix + region):
            continue
        settings = {}
        for call in _BUCKET:
            with contextlib.suppress(ClientError):
                settings[call] = getattr(s3, call)(Bucket=name)
        state[name] = _comparable(settings, {})
    return state


def _comparable(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _comparable(item, names) for key, item in sorted(value.items()) if key not in _DRAWN}
    if isinstance(value, list):
        return sorted((_comparable(item, names) for item in value), key=lambda item: json.dumps(item, default=str))
    if isinstance(value, str):
        if value[:1] in "{[" and value[-1:] in "}]":
            with contextlib.suppress(json.JSONDecodeError):
                return _comparable(json.loads(value), names)
        # UUIDs first: the end of one whose fourth group is all letters looks like an identifier.
        value = _ENDPOINT.sub(".<drawn>", _UUID.sub("<uuid>", value))
        return _IDENTIFIER.sub(lambda found: names.get(found[0], f"<{found[1]}>"), value)
    return value if isinstance(value, (bool, int, float, type(None))) else str(value)
