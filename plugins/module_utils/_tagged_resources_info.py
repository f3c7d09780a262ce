# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Find the resources with given tags in a region, and whether they are only pending deletion."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import doing, error_code

try:
    from botocore.exceptions import ClientError
except ImportError:  # AnsibleAWSModule reports the missing library
    ClientError = Exception

Resource = dict[str, t.Any]


@dataclasses.dataclass(frozen=True)
class _Lingering:
    """A kind that EC2 lists for an hour or two after its deletion: how to read its state, and which states mean deleted."""

    title: str
    operation: str
    argument: str
    not_found: str
    states: t.Callable[[dict[str, t.Any]], t.Iterable[str]]
    gone: frozenset[str]


_LINGERING = {
    "natgateway": _Lingering(
        "NAT gateway",
        "describe_nat_gateways",
        "NatGatewayIds",
        "NatGatewayNotFound",
        lambda answer: (gateway["State"] for gateway in answer["NatGateways"]),
        frozenset({"deleting", "deleted"}),
    ),
    "vpc-peering-connection": _Lingering(
        "peering connection",
        "describe_vpc_peering_connections",
        "VpcPeeringConnectionIds",
        "InvalidVpcPeeringConnectionID.NotFound",
        lambda answer: (peering["Status"]["Code"] for peering in answer["VpcPeeringConnections"]),
        frozenset({"deleting", "deleted", "rejected", "expired", "failed"}),
    ),
    "instance": _Lingering(
        "instance",
        "describe_instances",
        "InstanceIds",
        "InvalidInstanceID.NotFound",
        lambda answer: (
            instance["State"]["Name"] for group in answer["Reservations"] for instance in group["Instances"]
        ),
        frozenset({"shutting-down", "terminated"}),
    ),
}


class TaggedResources:
    """Find resources. ``client_for(service)`` gives a client of the region that is searched."""

    def __init__(self, client_for: t.Callable[[str], t.Any], region: str):
        self._client_for = client_for
        self._region = region

    def find(self, tags: dict[str, t.Any]) -> list[Resource]:
        """Return what the Resource Groups Tagging API lists for all of ``tags``."""
        filters = [{"Key": key, "Values": [str(value)]} for key, value in tags.items()]
        with doing(f"list the resources with the tags {tags} in {self._region}"):
            pages = (
                self._client_for("resourcegroupstaggingapi").get_paginator("get_resources").paginate(TagFilters=filters)
            )
            found = [
                {
                    "arn": resource["ResourceARN"],
                    "tags": {tag["Key"]: tag["Value"] for tag in resource["Tags"]},
                    "status": "present",
                }
                for page in pages
                for resource in page["ResourceTagMappingList"]
            ]
        for resource in found:
            if self._waits_for_deletion(resource["arn"]):
                resource["status"] = "pending_deletion"
        return found

    def find_iam(self, prefix: str) -> list[Resource]:
        """Find the account's IAM roles, instance profiles and policies by the beginning of their name."""
        iam = self._client_for("iam")
        kinds = {
            "list_roles": ("Roles", "RoleName", {}),
            "list_instance_profiles": ("InstanceProfiles", "InstanceProfileName", {}),
            "list_policies": ("Policies", "PolicyName", {"Scope": "Local"}),
        }
        found = []
        for operation, (key, name, arguments) in kinds.items():
            with doing(f"list what begins with {prefix} in IAM ({operation})"):
                pages = iam.get_paginator(operation).paginate(**arguments)
                found += [
                    {"arn": entry["Arn"], "tags": {}, "status": "present"}
                    for page in pages
                    for entry in page[key]
                    if entry[name].startswith(prefix)
                ]
        return found

    def _waits_for_deletion(self, arn: str) -> bool:
        service, resource = arn.split(":", 5)[2::3]
        kind, _slash, identity = resource.partition("/")
        if (service, kind) == ("kms", "key"):
            return self._key_waits(identity)
        if service == "secretsmanager":
            return self._secret_waits(arn)
        if service == "ec2" and kind in _LINGERING:
            return self._is_gone(_LINGERING[kind], identity)
        return False

    def _key_waits(self, key_id: str) -> bool:
        # A primary key with replicas is PendingReplicaDeletion, without a date.
        with doing(f"describe the KMS key {key_id} in {self._region}"):
            state = self._client_for("kms").describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"]
        return state in ("PendingDeletion", "PendingReplicaDeletion")

    def _secret_waits(self, arn: str) -> bool:
        with doing(f"describe the secret {arn} in {self._region}"):
            return "DeletedDate" in self._client_for("secretsmanager").describe_secret(SecretId=arn)

    def _is_gone(self, lingering: _Lingering, identity: str) -> bool:
        with doing(f"describe the {lingering.title} {identity} in {self._region}"):
            try:
                answer = getattr(self._client_for("ec2"), lingering.operation)(**{lingering.argument: [identity]})
            except ClientError as error:
                if error_code(error) == lingering.not_found:
                    return True
                raise
        return set(lingering.states(answer)) <= lingering.gone
