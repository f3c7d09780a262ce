# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Say how each kind of resource is asked of its own API whether it is still there. Data and pure functions, no client.

The Resource Groups Tagging API lists what was deleted for minutes or hours, and so do some of EC2's own calls.
"""

from __future__ import annotations

import dataclasses
import typing as t

# What a resource's own API says of it, and what only the tagging API says.
PRESENT, PENDING, GONE, LISTED = "present", "pending_deletion", "gone", "listed"

Answer = dict[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Kind:
    """A kind of resource: a call of `service` for one of them, and what its answer means.

    `argument` takes the resource's `identity` or its `arn`, as a list where its name ends in an s. `missing` are the codes that say
    that there is none. `items` leads to those found, and `state` reads the state of one; without a state each is present. `exact`
    is the item's name, where the call also finds names that only begin so.
    """

    title: str
    service: str
    operation: str
    argument: str
    missing: tuple[str, ...] = ()
    items: t.Callable[[Answer], t.Sequence[t.Any]] = lambda answer: [answer]
    state: t.Callable[[t.Any], str] = lambda _item: PRESENT
    gone: frozenset[str] = frozenset()
    pending: frozenset[str] = frozenset()
    by_arn: bool = False
    exact: str = ""

    def arguments(self, arn: str, identity: str) -> dict[str, t.Any]:
        """Return the call's arguments."""
        value = arn if self.by_arn else identity
        return {self.argument: [value] if self.argument.endswith("s") else value}

    def status(self, answer: Answer, identity: str) -> str:
        """Return what an answer says of the resource."""
        found = [item for item in self.items(answer) if not self.exact or item[self.exact] == identity]
        states = {self.state(item) for item in found}
        if states <= self.gone:
            return GONE
        return PENDING if states <= self.gone | self.pending else PRESENT


_DELETED = frozenset({"deleting", "deleted"})


def _ec2(
    title: str, operation: str, argument: str, code: str, key: str, state: str = "", gone: frozenset[str] = _DELETED
) -> Kind:
    return Kind(
        title,
        "ec2",
        operation,
        argument,
        (f"{code}.NotFound", f"{code}.Malformed"),
        lambda answer: answer[key],
        lambda item: str(item.get(state, PRESENT)).lower(),
        gone,
    )


_INSTANCE = Kind(
    "instance",
    "ec2",
    "describe_instances",
    "InstanceIds",
    ("InvalidInstanceID.NotFound",),
    lambda answer: [instance for group in answer["Reservations"] for instance in group["Instances"]],
    lambda instance: instance["State"]["Name"],
    frozenset({"shutting-down", "terminated"}),
)
_PEERING = Kind(
    "peering connection",
    "ec2",
    "describe_vpc_peering_connections",
    "VpcPeeringConnectionIds",
    ("InvalidVpcPeeringConnectionID.NotFound",),
    lambda answer: answer["VpcPeeringConnections"],
    lambda peering: peering["Status"]["Code"],
    frozenset({"deleting", "deleted", "rejected", "expired", "failed"}),
)
_NAT_GATEWAY = Kind(
    "NAT gateway",
    "ec2",
    "describe_nat_gateways",
    "NatGatewayIds",
    ("NatGatewayNotFound",),
    lambda answer: answer["NatGateways"],
    lambda gateway: gateway["State"],
    _DELETED,
)


def _rds(title: str, operation: str, argument: str, code: str, key: str, state: str = "") -> Kind:
    return Kind(
        title, "rds", operation, argument, (code,), lambda answer: answer[key], lambda item: item.get(state, PRESENT), _DELETED
    )  # fmt: skip


def _balancing(title: str, operation: str, argument: str, code: str, key: str) -> Kind:
    return Kind(title, "elbv2", operation, argument, (code,), lambda answer: answer[key], by_arn=True)


# By the service and the kind in the ARN.
KINDS: dict[tuple[str, str], Kind] = {
    ("ec2", "elastic-ip"): _ec2("address", "describe_addresses", "AllocationIds", "InvalidAllocationID", "Addresses"),
    ("ec2", "instance"): _INSTANCE,
    ("ec2", "internet-gateway"): _ec2(
        "internet gateway",
        "describe_internet_gateways",
        "InternetGatewayIds",
        "InvalidInternetGatewayID",
        "InternetGateways",
    ),
    ("ec2", "launch-template"): _ec2(
        "launch template",
        "describe_launch_templates",
        "LaunchTemplateIds",
        "InvalidLaunchTemplateId",
        "LaunchTemplates",
    ),
    ("ec2", "natgateway"): _NAT_GATEWAY,
    ("ec2", "network-acl"): _ec2(
        "network ACL", "describe_network_acls", "NetworkAclIds", "InvalidNetworkAclID", "NetworkAcls"
    ),
    ("ec2", "network-interface"): _ec2(
        "network interface",
        "describe_network_interfaces",
        "NetworkInterfaceIds",
        "InvalidNetworkInterfaceID",
        "NetworkInterfaces",
    ),
    ("ec2", "route-table"): _ec2(
        "route table", "describe_route_tables", "RouteTableIds", "InvalidRouteTableID", "RouteTables"
    ),
    ("ec2", "security-group"): _ec2(
        "security group", "describe_security_groups", "GroupIds", "InvalidGroup", "SecurityGroups"
    ),
    ("ec2", "snapshot"): _ec2("snapshot", "describe_snapshots", "SnapshotIds", "InvalidSnapshot", "Snapshots"),
    ("ec2", "subnet"): _ec2("subnet", "describe_subnets", "SubnetIds", "InvalidSubnetID", "Subnets"),
    ("ec2", "volume"): _ec2("volume", "describe_volumes", "VolumeIds", "InvalidVolume", "Volumes", "State"),
    ("ec2", "vpc"): _ec2("VPC", "describe_vpcs", "VpcIds", "InvalidVpcID", "Vpcs"),
    ("ec2", "vpc-endpoint"): _ec2(
        "VPC endpoint", "describe_vpc_endpoints", "VpcEndpointIds", "InvalidVpcEndpointId", "VpcEndpoints", "State"
    ),
    ("ec2", "vpc-flow-log"): _ec2("flow log", "describe_flow_logs", "FlowLogIds", "InvalidFlowLogId", "FlowLogs"),
    ("ec2", "vpc-peering-connection"): _PEERING,
    ("rds", "db"): _rds(
        "database",
        "describe_db_instances",
        "DBInstanceIdentifier",
        "DBInstanceNotFound",
        "DBInstances",
        "DBInstanceStatus",
    ),
    ("rds", "snapshot"): _rds(
        "snapshot", "describe_db_snapshots", "DBSnapshotIdentifier", "DBSnapshotNotFound", "DBSnapshots"
    ),
    ("rds", "subgrp"): _rds(
        "subnet group", "describe_db_subnet_groups", "DBSubnetGroupName", "DBSubnetGroupNotFoundFault", "DBSubnetGroups"
    ),
    ("rds", "pg"): _rds(
        "parameter group",
        "describe_db_parameter_groups",
        "DBParameterGroupName",
        "DBParameterGroupNotFound",
        "DBParameterGroups",
    ),
    ("elasticloadbalancing", "loadbalancer"): _balancing(
        "load balancer", "describe_load_balancers", "LoadBalancerArns", "LoadBalancerNotFound", "LoadBalancers"
    ),
    ("elasticloadbalancing", "targetgroup"): _balancing(
        "target group", "describe_target_groups", "TargetGroupArns", "TargetGroupNotFound", "TargetGroups"
    ),
    ("elasticloadbalancing", "listener"): _balancing(
        "listener", "describe_listeners", "ListenerArns", "ListenerNotFound", "Listeners"
    ),
    ("elasticloadbalancing", "listener-rule"): _balancing(
        "rule", "describe_rules", "RuleArns", "RuleNotFound", "Rules"
    ),
    ("acm", "certificate"): Kind(
        "certificate", "acm", "describe_certificate", "CertificateArn", ("ResourceNotFoundException",), by_arn=True
    ),
    ("cloudwatch", "alarm"): Kind(
        "alarm", "cloudwatch", "describe_alarms", "AlarmNames", items=lambda answer: answer["MetricAlarms"]
    ),
    ("dynamodb", "table"): Kind(
        "table",
        "dynamodb",
        "describe_table",
        "TableName",
        ("ResourceNotFoundException",),
        state=lambda answer: answer["Table"]["TableStatus"].lower(),
        gone=_DELETED,
    ),
    ("kms", "key"): Kind(
        "key",
        "kms",
        "describe_key",
        "KeyId",
        ("NotFoundException",),
        state=lambda answer: answer["KeyMetadata"]["KeyState"],
        # A primary key with replicas is PendingReplicaDeletion, without a date.
        pending=frozenset({"PendingDeletion", "PendingReplicaDeletion"}),
    ),
    ("route53", "healthcheck"): Kind(
        "health check", "route53", "get_health_check", "HealthCheckId", ("NoSuchHealthCheck",)
    ),
    ("route53", "hostedzone"): Kind("zone", "route53", "get_hosted_zone", "Id", ("NoSuchHostedZone",)),
    ("s3", ""): Kind("bucket", "s3", "head_bucket", "Bucket", ("404", "NoSuchBucket")),
    ("secretsmanager", "secret"): Kind(
        "secret",
        "secretsmanager",
        "describe_secret",
        "SecretId",
        ("ResourceNotFoundException",),
        state=lambda answer: PENDING if "DeletedDate" in answer else PRESENT,
        pending=frozenset({PENDING}),
        by_arn=True,
    ),
    ("sqs", ""): Kind(
        "queue", "sqs", "get_queue_url", "QueueName", ("QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue")
    ),
    **{
        ("wafv2", scope): Kind(
            "web ACL", "wafv2", "list_tags_for_resource", "ResourceARN", ("WAFNonexistentItemException",), by_arn=True
        )
        for scope in ("regional", "global")
    },
    ("logs", "log-group"): Kind(
        "log group",
        "logs",
        "describe_log_groups",
        "logGroupNamePrefix",
        items=lambda answer: answer["logGroups"],
        exact="logGroupName",
    ),
}


def kind_of(arn: str) -> tuple[Kind | None, str]:
    """Return the kind of a resource, where it is known, and the resource's identity."""
    service, rest = arn.split(":", 5)[2::3]
    for separator in ("/", ":"):
        name, found, identity = rest.partition(separator)
        if found and (service, name) in KINDS:
            return KINDS[service, name], identity.removesuffix(":*")
    return KINDS.get((service, "")), rest
