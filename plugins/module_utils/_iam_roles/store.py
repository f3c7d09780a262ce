# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Reads and writes roles, several at the same time."""

from __future__ import annotations

import json
import time
import typing as t
from concurrent.futures import ThreadPoolExecutor

from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import doing, error_code
from ansible_collections.knowledgecity.platform.plugins.module_utils._iam_roles.model import Policy, Role
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change

try:
    from botocore.exceptions import ClientError
except ImportError:  # AnsibleAWSModule reports the missing library
    ClientError = Exception

_WORKERS = 8
_PAUSE = 1.0
_MISSING = "NoSuchEntity"
# What was just made is not known everywhere in IAM yet.
_PASSING = {_MISSING, "ConcurrentModification", "EntityTemporarilyUnmodifiable"}


class RoleStore:
    """The roles of the account that `client` works in."""

    def __init__(self, client: t.Any, wait_timeout: float):
        self._client = client
        self._wait_timeout = wait_timeout

    def read(self, names: t.Sequence[str]) -> dict[str, Role]:
        """The roles by name; one that isn't there has `exists` false."""
        with ThreadPoolExecutor(max_workers=_WORKERS) as pool:
            return dict(zip(names, pool.map(self._read, names), strict=True))

    def _read(self, name: str) -> Role:
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
            )

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

    def apply(self, changes: t.Sequence[Change], wanted: t.Sequence[Role], found: t.Mapping[str, Role]) -> None:
        """Carry a plan out, several roles at the same time, and each one's changes in their order."""
        by_role = {
            role.name: [change for change in changes if change.resource.split()[-1] == role.name] for role in wanted
        }
        with ThreadPoolExecutor(max_workers=_WORKERS) as pool:
            list(pool.map(lambda role: self._apply(role, found[role.name], by_role[role.name]), wanted))

    def _apply(self, role: Role, current: Role, changes: t.Sequence[Change]) -> None:
        for change in changes:
            kind = change.resource.split()[0]
            with doing(f"{change.action} the {change.resource}"):
                getattr(self, f"_{change.action}_{kind}")(role, current, change)

    def _create_role(self, role: Role, _current: Role, _change: Change) -> None:
        arguments: dict[str, t.Any] = {
            "RoleName": role.name,
            "AssumeRolePolicyDocument": json.dumps(role.trust),
            "Description": role.description,
            "MaxSessionDuration": role.max_session,
            "Tags": ansible_dict_to_boto3_tag_list(role.tags),
        }
        if role.boundary:
            arguments["PermissionsBoundary"] = role.boundary
        # The boundary may have been made a moment ago.
        self._patiently(self._client.create_role, **arguments)

    def _update_role(self, role: Role, current: Role, change: Change) -> None:
        named = {"RoleName": role.name}
        after = change.after
        if "AssumeRolePolicyDocument" in after:
            self._client.update_assume_role_policy(PolicyDocument=json.dumps(role.trust), **named)
        if "Description" in after or "MaxSessionDuration" in after:
            self._client.update_role(Description=role.description, MaxSessionDuration=role.max_session, **named)
        if "PermissionsBoundary" in after and role.boundary:
            self._patiently(self._client.put_role_permissions_boundary, PermissionsBoundary=role.boundary, **named)
        if "PermissionsBoundary" in after and not role.boundary:
            self._client.delete_role_permissions_boundary(**named)
        if "Tags" in after:
            stale = sorted(set(current.tags) - set(role.tags))
            if role.tags:
                self._client.tag_role(Tags=ansible_dict_to_boto3_tag_list(role.tags), **named)
            if stale:
                self._client.untag_role(TagKeys=stale, **named)

    def _create_policy(self, role: Role, _current: Role, change: Change) -> None:
        name = change.resource.split()[1]
        document = json.dumps(change.after)
        self._patiently(self._client.put_role_policy, RoleName=role.name, PolicyName=name, PolicyDocument=document)

    _update_policy = _create_policy

    def _delete_policy(self, role: Role, _current: Role, change: Change) -> None:
        self._client.delete_role_policy(RoleName=role.name, PolicyName=change.resource.split()[1])

    def _attach_policy(self, role: Role, _current: Role, change: Change) -> None:
        self._patiently(self._client.attach_role_policy, RoleName=role.name, PolicyArn=change.after)

    def _detach_policy(self, role: Role, _current: Role, change: Change) -> None:
        self._client.detach_role_policy(RoleName=role.name, PolicyArn=change.before)

    def _create_instance(self, role: Role, current: Role, change: Change) -> None:
        tags = ansible_dict_to_boto3_tag_list(role.tags)
        self._client.create_instance_profile(InstanceProfileName=role.name, Tags=tags)
        self._update_instance(role, current, change)

    def _update_instance(self, role: Role, _current: Role, _change: Change) -> None:
        self._patiently(self._client.add_role_to_instance_profile, InstanceProfileName=role.name, RoleName=role.name)

    def _delete_instance(self, role: Role, current: Role, _change: Change) -> None:
        for member in current.profile or ():
            self._client.remove_role_from_instance_profile(InstanceProfileName=role.name, RoleName=member)
        self._client.delete_instance_profile(InstanceProfileName=role.name)

    def _delete_role(self, role: Role, current: Role, _change: Change) -> None:
        for name in current.policies:
            self._client.delete_role_policy(RoleName=role.name, PolicyName=name)
        for arn in current.attached:
            self._client.detach_role_policy(RoleName=role.name, PolicyArn=arn)
        self._client.delete_role(RoleName=role.name)

    def _patiently(self, call: t.Callable[..., t.Any], **arguments: t.Any) -> None:
        deadline = time.monotonic() + self._wait_timeout
        while True:
            try:
                call(**arguments)
                return
            except ClientError as error:
                if error_code(error) not in _PASSING or time.monotonic() >= deadline:
                    raise
                time.sleep(_PAUSE)


def _as_dict(document: t.Any) -> Policy:
    return json.loads(document) if isinstance(document, str) else document
