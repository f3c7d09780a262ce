# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read and write roles, several at the same time."""

from __future__ import annotations

import dataclasses
import json
import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import retrying
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import (
    PlatformError,
    doing,
    error_code,
    explain,
)
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
# A trust policy that names a role which was created a moment ago.
_NEW_PRINCIPAL = "MalformedPolicyDocument"


class RoleStore:
    """The roles of the account that `client` works in."""

    def __init__(self, client: t.Any, wait_timeout: float):
        self._client = client
        self._wait_timeout = wait_timeout

    def read(self, names: t.Sequence[str], *, to_remove: bool = False) -> dict[str, Role]:
        """Read the roles by name; one that does not exist has `exists` false. `to_remove` also reads what holds them."""
        read = (lambda name: self._with_holders(self._read(name))) if to_remove else self._read
        return dict(zip(names, in_parallel(read, names), strict=True))

    def _with_holders(self, role: Role) -> Role:
        if not role.exists:
            return role
        with doing(f"read the instance profiles of the role {role.name}"):
            pages = self._client.get_paginator("list_instance_profiles_for_role").paginate(RoleName=role.name)
            held = [profile["InstanceProfileName"] for page in pages for profile in page["InstanceProfiles"]]
        return dataclasses.replace(role, other_profiles=tuple(sorted(name for name in held if name != role.name)))

    def _read(self, name: str) -> Role:
        with doing(f"read the role {name}"):
            profile = self._profile(name)
            found = self._or_none(self._client.get_role, RoleName=name)
            if found is None:
                return Role(name, exists=False, profile=profile)
            role = found["Role"]
            inline = self._listed("list_role_policies", "PolicyNames", name)
            attached = self._listed("list_attached_role_policies", "AttachedPolicies", name)
            return Role(
                name=name,
                trust=_as_dict(role["AssumeRolePolicyDocument"]),
                description=role.get("Description") or "",
                boundary=(role.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn"),
                policies={policy: self._inline(name, policy) for policy in inline},
                attached=frozenset(policy["PolicyArn"] for policy in attached),
                max_session=role.get("MaxSessionDuration", 3600),
                tags=boto3_tag_list_to_ansible_dict(role.get("Tags", [])),
                arn=role["Arn"],
                profile=profile,
            )

    def _listed(self, operation: str, key: str, role: str) -> list[t.Any]:
        """List what a role has. A role that was created a moment ago may be unknown to this call yet."""

        def read() -> list[t.Any]:
            pages = self._client.get_paginator(operation).paginate(RoleName=role)
            return [item for page in pages for item in page[key]]

        return self._retrying(read)()

    def _inline(self, role: str, policy: str) -> Policy:
        read = self._retrying(self._client.get_role_policy)
        return _as_dict(read(RoleName=role, PolicyName=policy)["PolicyDocument"])

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
        # The boundary, or a role that the trust policy names, may have been created a moment ago.
        self._patiently(self._client.create_role, **arguments)

    def _update_role(self, change: Change) -> None:
        role, after = change.data.wanted, change.after
        named = {"RoleName": role.name}
        if "AssumeRolePolicyDocument" in after:
            self._patiently(self._client.update_assume_role_policy, PolicyDocument=json.dumps(role.trust), **named)
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
        # What was taken from it a moment ago may still count.
        retrying(self._client.delete_role, "DeleteConflict", *_EVENTUAL - {_MISSING}, timeout=self._wait_timeout)(
            RoleName=change.name
        )

    def _patiently(self, call: t.Callable[..., t.Any], **arguments: t.Any) -> t.Any:
        """Make a call that has a trust policy; one that is wrong in itself is not repeated."""

        def attempt() -> t.Any:
            try:
                return call(**arguments)
            except ClientError as error:
                if error_code(error) == _NEW_PRINCIPAL and "principal" not in str(error).lower():
                    raise PlatformError(f"IAM refuses the trust policy: {explain(error)}") from error
                raise

        return retrying(attempt, _NEW_PRINCIPAL, *_EVENTUAL, timeout=self._wait_timeout)()

    def _retrying(self, call: t.Callable[..., t.Any]) -> t.Callable[..., t.Any]:
        return retrying(call, *_EVENTUAL, timeout=self._wait_timeout)


def _as_dict(document: t.Any) -> Policy:
    return json.loads(document) if isinstance(document, str) else document
