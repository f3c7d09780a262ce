# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Finds what carries given tags in a region, and which of it is only waiting for its deletion."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import doing, error_code

try:
    from botocore.exceptions import ClientError
except ImportError:  # AnsibleAWSModule reports the missing library
    ClientError = Exception

Resource = dict[str, t.Any]


class TaggedResources:
    """``client_for(service)`` gives a client of the region that is searched."""

    def __init__(self, client_for: t.Callable[[str], t.Any], region: str):
        self._client_for = client_for
        self._region = region

    def find(self, tags: dict[str, t.Any]) -> list[Resource]:
        """What the Resource Groups Tagging API lists for all of ``tags``."""
        filters = [{"Key": key, "Values": [str(value)]} for key, value in tags.items()]
        with doing(f"list what carries the tags {tags} in {self._region}"):
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
        """IAM roles, instance profiles and policies of the account's own, by the beginning of their name."""
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
        if (service, kind) == ("ec2", "natgateway"):
            return self._nat_gateway_is_gone(identity)
        if (service, kind) == ("ec2", "vpc-peering-connection"):
            return self._peering_is_gone(identity)
        return False

    def _key_waits(self, key_id: str) -> bool:
        # A replica key keeps its primary waiting without a date: PendingReplicaDeletion.
        with doing(f"describe the KMS key {key_id} in {self._region}"):
            state = self._client_for("kms").describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"]
        return state in ("PendingDeletion", "PendingReplicaDeletion")

    def _nat_gateway_is_gone(self, gateway_id: str) -> bool:
        # AWS lists a deleted NAT gateway for about an hour.
        with doing(f"describe the NAT gateway {gateway_id} in {self._region}"):
            try:
                answer = self._client_for("ec2").describe_nat_gateways(NatGatewayIds=[gateway_id])
            except ClientError as error:
                if error_code(error) == "NatGatewayNotFound":
                    return True
                raise
        return all(gateway["State"] in ("deleting", "deleted") for gateway in answer["NatGateways"])

    def _peering_is_gone(self, peering_id: str) -> bool:
        # AWS lists a deleted peering connection for up to two hours.
        with doing(f"describe the peering connection {peering_id} in {self._region}"):
            try:
                answer = self._client_for("ec2").describe_vpc_peering_connections(VpcPeeringConnectionIds=[peering_id])
            except ClientError as error:
                if error_code(error) == "InvalidVpcPeeringConnectionID.NotFound":
                    return True
                raise
        states = {peering["Status"]["Code"] for peering in answer["VpcPeeringConnections"]}
        return states <= {"deleting", "deleted", "rejected", "expired", "failed"}
