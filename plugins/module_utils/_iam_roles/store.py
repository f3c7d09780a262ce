# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read and write roles, several at the same time."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import retrying
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import doing, error_code
from ansible_collections.knowledgecity.platform.plugins.module_utils._iam_roles.model import Policy, Role
from ansible_collections.knowledgecity.platform.plugins.module_utils._parallel import grouped, in_parallel
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change

try:
    from botocore.exceptions import ClientError
except ImportError:  # AnsibleAWSModule reports the missing library
    ClientError = Exception

_MISSING = "NoSuchEntity"
# IAM is eventually consistent: what was created a moment ago is not known everywhere yet.
_EVENTUAL = {_MISSING, "ConcurrentModification", "EntityTemporarilyUnmodifiable"}


class RoleStore:
    """The roles of the account that `client` works in."""

    def __init__(self, client: t.Any, wait_timeout: float):
        self._client = client
        self._wait_timeout = wait_timeout

    def read(self, names: t.Sequence[str], *, leaving: bool = False) -> dict[str, Role]:
        """Read the roles by name; one that does not exist has `exists` false. `leaving`: they are to be deleted."""
        return dict(zip(names, in_parallel(lambda name: self._read(name, leaving), names), strict=True))

    def _read(self, name: str, leaving: bool) -> Role:
        with doing(f"read the role {name}"):
            profile = self._profile(name)
            found = self._or_none(self._client.get_role, RoleName=name)
            if found is None:
                return Role(name, exists=False, profile=profile)
            role = found["Role"]
            pages = self._client.get_paginator("list_role_policies").paginate(RoleName=name)
            inline = [policy for page in pages for policy in page["PolicyNames"]]
            pages = self._client.get_paginator("list_attached_role_policies").paginate(RoleName=name)
            attached = frozenset(policy["PolicyArn"] for page in pages for policy in page["AttachedPolicies"])
            return Role(
                name=name,
                trust=_as_dict(role["AssumeRolePolicyDocument"]),
                description=role.get("Description") or "",
                boundary=(role.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn"),
                policies={policy: self._inline(name, policy) for policy in inline},
                attached=attached,
                max_session=role.get("MaxSessionDuration", 3600),
                tags=boto3_tag_list_to_ansible_dict(role.get("Tags", [])),
                arn=role["Arn"],
                profile=profile,
                other_profiles=self._other_profiles(name) if leaving else (),
            )

    def _other_profiles(self, name: str) -> tuple[str, ...]:
        """Return the other instance profiles that a role is in: DeleteRole refuses it then, once its policies are gone."""
        pages = self._client.get_paginator("list_instance_profiles_for_role").paginate(RoleName=name)
        found = {item["InstanceProfileName"] for page in pages for item in page["InstanceProfiles"]}
        return tuple(sorted(found - {name}))

    def _inline(self, role: str, policy: str) -> Policy:
        return _as_dict(self._client.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"])

    def _profile(self, name: str) -> tuple[str, ...] | None:
        found = self._or_none(self._client.get_instance_profile, InstanceProfileName=name)
        return tuple(role["RoleName"] for role in found["InstanceProfile"]["Roles"]) if found else None

    def _or_none(self, call: t.Callable[..., dict], **arguments: str) -> dict | None:
        try:
            return call(**arguments)
        except ClientError as error:
            if error_code(error) == _MISSING:
                return None
            raise

    def apply(self, changes: list[Change]) -> None:
        """Apply changes, several roles at the same time, and each role's changes in their order."""
        in_parallel(self._apply, grouped(changes, lambda change: change.data.name))

    def _apply(self, changes: list[Change]) -> None:
        for change in changes:
            with doing(f"{change.action} the {change.resource}"):
                getattr(self, f"_{change.action}_{change.kind.replace(' ', '_')}")(change)

    def _create_role(self, change: Change) -> None:
        role = change.data.wanted
        arguments: dict[str, t.Any] = {
            "RoleName": role.name,
            "AssumeRolePolicyDocument": json.dumps(role.trust),
            "Description": role.description,
            "MaxSessionDuration": role.max_session,
            "Tags": ansible_dict_to_boto3_tag_list(role.tags),
        }
        if role.boundary:
            arguments["PermissionsBoundary"] = role.boundary
        # The boundary may have been created a moment ago.
        self._retrying(self._client.create_role)(**arguments)

    def _update_role(self, change: Change) -> None:
        role, after = change.data.wanted, change.after
        named = {"RoleName": role.name}
        if "AssumeRolePolicyDocument" in after:
            self._client.update_assume_role_policy(PolicyDocument=json.dumps(role.trust), **named)
        if "Description" in after or "MaxSessionDuration" in after:
            self._client.update_role(Description=role.description, MaxSessionDuration=role.max_session, **named)
        if "PermissionsBoundary" in after and role.boundary:
            put_boundary = self._retrying(self._client.put_role_permissions_boundary)
            put_boundary(PermissionsBoundary=role.boundary, **named)
        if "PermissionsBoundary" in after and not role.boundary:
            self._client.delete_role_permissions_boundary(**named)
        if "Tags" in after:
            stale = sorted(set(change.before["Tags"]) - set(role.tags))
            if role.tags:
                self._client.tag_role(Tags=ansible_dict_to_boto3_tag_list(role.tags), **named)
            if stale:
                self._client.untag_role(TagKeys=stale, **named)

    def _create_policy(self, change: Change) -> None:
        put_policy = self._retrying(self._client.put_role_policy)
        put_policy(RoleName=change.data.name, PolicyName=change.name, PolicyDocument=json.dumps(change.after))

    _update_policy = _create_policy

    def _delete_policy(self, change: Change) -> None:
        self._client.delete_role_policy(RoleName=change.data.name, PolicyName=change.name)

    def _attach_policy(self, change: Change) -> None:
        self._retrying(self._client.attach_role_policy)(RoleName=change.data.name, PolicyArn=change.name)

    def _detach_policy(self, change: Change) -> None:
        self._client.detach_role_policy(RoleName=change.data.name, PolicyArn=change.name)

    def _create_instance_profile(self, change: Change) -> None:
        tags = ansible_dict_to_boto3_tag_list(change.data.wanted.tags)
        self._client.create_instance_profile(InstanceProfileName=change.name, Tags=tags)
        self._update_instance_profile(change)

    def _update_instance_profile(self, change: Change) -> None:
        add_role = self._retrying(self._client.add_role_to_instance_profile)
        add_role(InstanceProfileName=change.name, RoleName=change.data.name)

    def _delete_instance_profile(self, change: Change) -> None:
        for member in change.before:
            self._client.remove_role_from_instance_profile(InstanceProfileName=change.name, RoleName=member)
        self._client.delete_instance_profile(InstanceProfileName=change.name)

    def _delete_role(self, change: Change) -> None:
        current = change.data.current
        for name in current.policies:
            self._client.delete_role_policy(RoleName=change.name, PolicyName=name)
        for arn in current.attached:
            self._client.detach_role_policy(RoleName=change.name, PolicyArn=arn)
        self._client.delete_role(RoleName=change.name)

    def _retrying(self, call: t.Callable[..., t.Any]) -> t.Callable[..., t.Any]:
        return retrying(call, *_EVENTUAL, timeout=self._wait_timeout)


def _as_dict(document: t.Any) -> Policy:
    return json.loads(document) if isinstance(document, str) else document
