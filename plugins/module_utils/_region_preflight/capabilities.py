# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""List what the tiers need of a region, as data: one cheap read call a capability, and a check of its answer. No client here.

A tier that needs more adds an entry to CAPABILITIES (and its name to the documentation of region_preflight_info).
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._region_preflight.findings import Problem, joined

_RESOLVE = "resolve:ssm:"


@dataclasses.dataclass(frozen=True)
class Needs:
    """What the platform will ask of one region."""

    region: str
    account_id: str = ""
    min_zones: int = 3
    endpoint_services: tuple[str, ...] = ()
    bucket_names: tuple[str, ...] = ()
    key_aliases: tuple[str, ...] = ()
    role_names: tuple[str, ...] = ()
    vpcs: int = 0
    elastic_ips: int = 0
    images: tuple[str, ...] = ()
    database_class: str = ""
    database_version: str = ""
    tags: t.Mapping[str, str] = dataclasses.field(default_factory=dict)
    policies: tuple[dict[str, t.Any], ...] = ()
    policies_enforced: bool = True

    def image_parameters(self) -> list[str]:
        """Return the public parameters that hold images; those named by their ID are not among them."""
        return sorted({image.removeprefix(_RESOLVE) for image in self.images if image.startswith(_RESOLVE)})

    def service_names(self) -> list[str]:
        """Return the endpoint services by their full names."""
        return [
            name if name.startswith("com.") else f"com.amazonaws.{self.region}.{name}"
            for name in self.endpoint_services
        ]


Judge = t.Callable[[dict[str, t.Any], Needs], t.Iterable[Problem]]


@dataclasses.dataclass(frozen=True)
class Capability:
    """One read call: ``operation`` of boto3's client ``service``, which needs the permission ``action``."""

    title: str
    service: str
    operation: str
    action: str
    parameters: t.Callable[[Needs], dict[str, t.Any]] = lambda _needs: {}
    judge: Judge = lambda _answer, _needs: ()
    needed: t.Callable[[Needs], bool] = lambda _needs: True


def _zones(answer: dict[str, t.Any], needs: Needs) -> t.Iterator[Problem]:
    zones = [
        zone["ZoneName"]
        for zone in answer["AvailabilityZones"]
        if zone.get("State") == "available" and zone.get("ZoneType", "availability-zone") == "availability-zone"
    ]
    if len(zones) < needs.min_zones:
        yield Problem(
            f"platform_regions['{needs.region}']",
            f"offers this account {len(zones)} availability zone(s) ({joined(zones)}); the network wants {needs.min_zones}.",
            "Choose a region with more zones, or lower preflight_min_zones and the network's number of zones.",
        )


def _endpoint_services(answer: dict[str, t.Any], needs: Needs) -> t.Iterator[Problem]:
    missing = [name for name in needs.service_names() if name not in answer["ServiceNames"]]
    if missing:
        yield Problem(
            "network_interface_endpoints",
            f"names what {needs.region} doesn't offer as an interface endpoint: {joined(missing)}.",
            f"Leave it out for {needs.region}; the service is then reached through the NAT gateways.",
        )


def _orderable(needs: Needs) -> dict[str, t.Any]:
    asked = {"DBInstanceClass": needs.database_class} if needs.database_class else {}
    return {"Engine": "mysql", "MaxRecords": 100} | asked


def _mysql(answer: dict[str, t.Any], needs: Needs) -> t.Iterator[Problem]:
    options = answer["OrderableDBInstanceOptions"]
    versions = sorted({option["EngineVersion"] for option in options})
    wanted = needs.database_version
    if not options:
        of_class = f" of class {needs.database_class}" if needs.database_class else ""
        yield Problem(
            f"platform_regions['{needs.region}']",
            f"offers no instances of RDS for MySQL{of_class}.",
            "Choose a class that the region offers, in database_instance_class."
            if of_class
            else "Choose a region where RDS for MySQL is offered.",
        )
    elif wanted and not _is_among(wanted, versions) and not answer.get("Marker"):  # it may be on another page
        yield Problem(
            f"platform_regions['{needs.region}']",
            f"offers MySQL {joined(versions)} on {needs.database_class or 'its instances'}, and not {wanted}.",
            "Choose a version that the region offers, in database_engine_version, and its family in database_parameter_family.",
        )


def _is_among(wanted: str, versions: t.Sequence[str]) -> bool:
    return any(version == wanted or version.startswith(f"{wanted}.") for version in versions)


def _images(answer: dict[str, t.Any], needs: Needs) -> t.Iterator[Problem]:
    missing = sorted(answer.get("InvalidParameters", []))
    if missing:
        yield Problem(
            f"platform_regions['{needs.region}']",
            f"has no machine image behind {joined(missing)}.",
            "Name an image that the region has, by its ID or another parameter, in runner_image and media_image.",
        )


CAPABILITIES: dict[str, Capability] = {
    "acm": Capability(
        "Certificate Manager",
        "acm",
        "list_certificates",
        "acm:ListCertificates",
        parameters=lambda _needs: {"MaxItems": 1},
    ),
    "availability_zones": Capability(
        "Availability zones",
        "ec2",
        "describe_availability_zones",
        "ec2:DescribeAvailabilityZones",
        judge=_zones,
    ),
    "dynamodb": Capability(
        "DynamoDB", "dynamodb", "list_tables", "dynamodb:ListTables", parameters=lambda _needs: {"Limit": 1}
    ),
    "ec2": Capability("EC2", "ec2", "describe_vpcs", "ec2:DescribeVpcs", parameters=lambda _needs: {"MaxResults": 5}),
    "iam": Capability("IAM", "iam", "list_roles", "iam:ListRoles", parameters=lambda _needs: {"MaxItems": 1}),
    "images": Capability(
        "Machine images",
        "ssm",
        "get_parameters",
        "ssm:GetParameters",
        parameters=lambda needs: {"Names": needs.image_parameters()},
        judge=_images,
        needed=lambda needs: bool(needs.image_parameters()),
    ),
    "kms": Capability("KMS", "kms", "list_aliases", "kms:ListAliases", parameters=lambda _needs: {"Limit": 1}),
    "logs": Capability(
        "CloudWatch Logs",
        "logs",
        "describe_log_groups",
        "logs:DescribeLogGroups",
        parameters=lambda _needs: {"limit": 1},
    ),
    "rds": Capability(
        "RDS",
        "rds",
        "describe_orderable_db_instance_options",
        "rds:DescribeOrderableDBInstanceOptions",
        parameters=_orderable,
        judge=_mysql,
    ),
    "route53": Capability(
        "Route 53",
        "route53",
        "list_hosted_zones",
        "route53:ListHostedZones",
        parameters=lambda _needs: {"MaxItems": "1"},
    ),
    "s3": Capability("S3", "s3", "list_buckets", "s3:ListAllMyBuckets", parameters=lambda _needs: {"MaxBuckets": 1}),
    "secretsmanager": Capability(
        "Secrets Manager",
        "secretsmanager",
        "list_secrets",
        "secretsmanager:ListSecrets",
        parameters=lambda _needs: {"MaxResults": 1},
    ),
    "tagging": Capability(
        "The tagging API",
        "resourcegroupstaggingapi",
        "get_resources",
        "tag:GetResources",
        parameters=lambda _needs: {"ResourcesPerPage": 1},
    ),
    "vpc_endpoints": Capability(
        "VPC endpoint services",
        "ec2",
        "describe_vpc_endpoint_services",
        "ec2:DescribeVpcEndpointServices",
        parameters=lambda needs: {"Filters": [{"Name": "service-name", "Values": needs.service_names()}]},
        judge=_endpoint_services,
        needed=lambda needs: bool(needs.endpoint_services),
    ),
}


@dataclasses.dataclass(frozen=True)
class Quota:
    """A limit of the account in a region: its code at Service Quotas, and the read call that counts what is in use."""

    title: str
    service_code: str
    code: str
    operation: str
    result: str
    wanted: t.Callable[[Needs], int]


# https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
QUOTAS: dict[str, Quota] = {
    "vpcs": Quota("VPCs", "vpc", "L-F678F1CE", "describe_vpcs", "Vpcs", lambda needs: needs.vpcs),
    "elastic_ips": Quota(
        "elastic IP addresses", "ec2", "L-0263D0A3", "describe_addresses", "Addresses", lambda needs: needs.elastic_ips
    ),
}


def quota_findings(quota: Quota, used: t.Sequence[dict[str, t.Any]], limit: float, needs: Needs) -> t.Iterator[Problem]:
    """Check whether what is still to be created fits; what has the platform's tags was created by an earlier run."""
    ours = sum(1 for resource in used if needs.tags and _carries(resource, needs.tags))
    after = len(used) - ours + max(ours, quota.wanted(needs))
    if after > limit:
        yield Problem(
            f"AWS quota {quota.code} in {needs.region}",
            f"allows {limit:.0f} {quota.title}; {len(used)} are in use, and the platform would make it {after}.",
            f"Release some, or ask for more: `aws service-quotas request-service-quota-increase --region {needs.region} "
            f"--service-code {quota.service_code} --quota-code {quota.code} --desired-value {after}`.",
        )


def _carries(resource: t.Mapping[str, t.Any], tags: t.Mapping[str, str]) -> bool:
    found = {tag["Key"]: tag["Value"] for tag in resource.get("Tags", [])}
    return all(found.get(name) == value for name, value in tags.items())
