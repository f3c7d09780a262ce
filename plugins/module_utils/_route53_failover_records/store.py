# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read and write health checks."""

from __future__ import annotations

import typing as t
import uuid

from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import (
    PlatformError,
    doing,
    error_code,
    explain,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change
from ansible_collections.knowledgecity.platform.plugins.module_utils._route53_failover_records.model import (
    Check,
    CheckWork,
    Owner,
)

try:
    from botocore.exceptions import ClientError
except ImportError:  # AnsibleAWSModule reports the missing library
    ClientError = Exception


class HealthCheckStore:
    """Read and write the owner's health checks through a Route 53 client."""

    def __init__(self, client: t.Any, owner: Owner):
        self._client = client
        self._owner = owner

    def read(self) -> tuple[Check, ...]:
        """Read the owner's health checks with their tags."""
        with doing("read the health checks"):
            pages = self._client.get_paginator("list_health_checks").paginate()
            listed = [item for page in pages for item in page["HealthChecks"]]
        return tuple(
            self._check(item, key)
            for item in listed
            if (key := self._owner.key_of(item["CallerReference"])) is not None
        )

    def _check(self, item: t.Mapping[str, t.Any], key: str) -> Check:
        with doing(f"read the tags of the health check {item['Id']}"):
            answer = self._client.list_tags_for_resource(ResourceType="healthcheck", ResourceId=item["Id"])
        tags = boto3_tag_list_to_ansible_dict(answer["ResourceTagSet"]["Tags"])
        return Check(item["Id"], key, item["HealthCheckConfig"], tags, item["HealthCheckVersion"])

    def create(self, change: Change) -> str:
        """Create a health check and return its ID."""
        work: CheckWork = change.data
        # Route 53 never takes the reference of a check that was deleted again.
        reference = f"{self._owner.name}:{work.key}:{uuid.uuid4().hex[:8]}"
        with doing(f"create the {change.resource}"):
            try:
                answer = self._client.create_health_check(
                    CallerReference=reference, HealthCheckConfig=dict(work.config)
                )
            except ClientError as error:
                if error_code(error) == "TooManyHealthChecks":
                    raise PlatformError(
                        f"Could not create the {change.resource}: the account's quota is reached. {explain(error)} Delete "
                        "some, or ask for more: Service Quotas, Route 53, in us-east-1."
                    ) from error
                raise
        check_id = answer["HealthCheck"]["Id"]
        self._tag(check_id, work.tags, {})
        return check_id

    def update(self, change: Change) -> None:
        """Change the settings and tags of a health check."""
        work: CheckWork = change.data
        if work.config:
            asked = {name: value for name, value in work.config.items() if value is not None}
            reset = sorted(work.config.keys() - asked.keys())
            if reset:
                asked["ResetElements"] = reset
            with doing(f"change the {change.resource}"):
                self._client.update_health_check(
                    HealthCheckId=work.check.check_id, HealthCheckVersion=work.check.version, **asked
                )
        self._tag(work.check.check_id, work.tags, work.check.tags)

    def _tag(self, check_id: str, wanted: t.Mapping[str, str], current: t.Mapping[str, str]) -> None:
        to_set = {key: value for key, value in wanted.items() if current.get(key) != value}
        to_remove = sorted(set(current) - set(wanted))
        arguments: dict[str, t.Any] = {"AddTags": ansible_dict_to_boto3_tag_list(to_set)} if to_set else {}
        if to_remove:
            arguments["RemoveTagKeys"] = to_remove
        if arguments:
            with doing(f"tag the health check {check_id}"):
                self._client.change_tags_for_resource(ResourceType="healthcheck", ResourceId=check_id, **arguments)

    def delete(self, check: Check) -> None:
        """Delete a health check that no record uses any more."""
        with doing(f"delete the health check {check.check_id}"):
            try:
                self._client.delete_health_check(HealthCheckId=check.check_id)
            except ClientError as error:
                if error_code(error) != "NoSuchHealthCheck":
                    raise
