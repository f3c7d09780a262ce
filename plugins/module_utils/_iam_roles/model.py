# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Compare roles with their policies and instance profiles as wanted and as IAM holds them. Pure functions, no client."""

from __future__ import annotations

import dataclasses
import json
import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.policy import compare_policies
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change

Policy = dict[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Role:
    """A role, wanted or read. `attached` are ARNs of managed policies. `profile`: see Profile; None where there is none."""

    name: str
    trust: Policy = dataclasses.field(default_factory=dict)
    description: str = ""
    boundary: str | None = None
    policies: dict[str, Policy] = dataclasses.field(default_factory=dict)
    attached: frozenset[str] = frozenset()
    max_session: int = 3600
    tags: dict[str, str] = dataclasses.field(default_factory=dict)
    arn: str = ""
    exists: bool = True
    profile: tuple[str, ...] | None = None  # the names of the roles in the instance profile of the role's name
    other_profiles: tuple[str, ...] = ()  # instance profiles of other names that the role is in; read before a removal

    @classmethod
    def from_options(cls, options: dict[str, t.Any]) -> Role:
        """Make a role of an entry of O(roles). Raise ValueError where a policy is no JSON."""
        return cls(
            name=options["name"],
            trust=json.loads(options["assume_role_policy"]) if options["assume_role_policy"] else {},
            description=options["description"] or "",
            boundary=options["permissions_boundary"],
            policies={name: _document(policy) for name, policy in (options["policies"] or {}).items()},
            attached=frozenset(options["managed_policies"]),
            max_session=options["max_session_duration"],
            tags={str(key): str(value) for key, value in (options["tags"] or {}).items()},
            profile=(options["name"],) if options["instance_profile"] else None,
        )


@dataclasses.dataclass(frozen=True)
class Target:
    """The role that a change belongs to, as wanted and as it was read."""

    wanted: Role
    current: Role

    @property
    def name(self) -> str:
        return self.wanted.name


def _document(policy: t.Any) -> Policy:
    return json.loads(policy) if isinstance(policy, str) else policy


def check(wanted: t.Sequence[Role], found: t.Mapping[str, Role], identity_tags: t.Sequence[str]) -> None:
    """Raise PlatformError with everything that keeps the roles from being made or removed."""
    names = [role.name for role in wanted]
    problems = [f"{name} is stated {names.count(name)} times." for name in sorted(set(names)) if names.count(name) > 1]
    for role in wanted:
        current = found[role.name]
        expected = {tag: role.tags[tag] for tag in identity_tags if tag in role.tags}
        if current.exists and any(current.tags.get(tag) != value for tag, value in expected.items()):
            tags = ", ".join(f"{tag}={value}" for tag, value in expected.items())
            problems.append(
                f"The role {role.name} exists and does not have the tags {tags}: it is somebody else's, and is not changed. "
                "Choose another name for the platform or its environment, remove that role, or give it these tags to "
                "hand it over."
            )
        others = sorted(set(current.profile or ()) - {role.name})
        if others:
            problems.append(
                f"The instance profile {role.name} holds the role {', '.join(others)}. Remove that from it, or the profile."
            )
        if current.other_profiles:
            problems.append(
                f"The role {role.name} is in the instance profile {', '.join(current.other_profiles)} of somebody else, and IAM "
                "deletes no such role. Remove it from there first: aws iam remove-role-from-instance-profile "
                f"--instance-profile-name {current.other_profiles[0]} --role-name {role.name}."
            )
    if problems:
        raise PlatformError(f"{' '.join(problems)} Nothing was changed.")


def plan_present(wanted: t.Sequence[Role], found: t.Mapping[str, Role]) -> list[Change]:
    """Plan the changes that make the roles as wanted, in the order in which they are made."""
    return [change for role in wanted for change in _plan_role(role, found[role.name])]


def _plan_role(role: Role, current: Role) -> list[Change]:
    target = Target(role, current)
    changes = []
    if not current.exists:
        changes.append(Change("create", "role", role.name, None, _shown(role), data=target))
    else:
        before, after = _differences(role, current)
        if after:
            changes.append(Change("update", "role", role.name, before, after, data=target))
    for name in sorted({*role.policies, *current.policies}):
        change = _plan_policy(name, target)
        changes += [change] if change else []
    for arn in sorted(role.attached - current.attached):
        changes.append(_policy_change("attach", arn, None, arn, target))
    for arn in sorted(current.attached - role.attached):
        changes.append(_policy_change("detach", arn, arn, None, target))
    if role.profile and role.profile != current.profile:
        action = "create" if current.profile is None else "update"
        changes.append(_profile_change(action, target))
    if current.profile is not None and not role.profile:
        changes.append(_profile_change("delete", target))
    return changes


def _plan_policy(name: str, target: Target) -> Change | None:
    before, after = target.current.policies.get(name), target.wanted.policies.get(name)
    if before is not None and after is not None and not compare_policies(before, after):
        return None
    action = "delete" if after is None else "create" if before is None else "update"
    return _policy_change(action, name, before, after, target)


def _policy_change(action: str, name: str, before: t.Any, after: t.Any, target: Target) -> Change:
    title = f"policy {name} of role {target.name}"
    return Change(action, "policy", name, before, after, title=title, data=target)


def _profile_change(action: str, target: Target) -> Change:
    before, after = target.current.profile, None if action == "delete" else target.wanted.profile
    return Change(action, "instance profile", target.name, before, after, data=target)


def _shown(role: Role) -> dict[str, t.Any]:
    return {
        "Description": role.description,
        "AssumeRolePolicyDocument": role.trust,
        "PermissionsBoundary": role.boundary,
        "MaxSessionDuration": role.max_session,
        "Tags": role.tags,
    }


def _differences(role: Role, current: Role) -> tuple[dict[str, t.Any], dict[str, t.Any]]:
    wanted, is_now = _shown(role), _shown(current)
    differing = [
        name
        for name, value in wanted.items()
        if (compare_policies(is_now[name], value) if name == "AssumeRolePolicyDocument" else is_now[name] != value)
    ]
    return {name: is_now[name] for name in differing}, {name: wanted[name] for name in differing}


def plan_absent(wanted: t.Sequence[Role], found: t.Mapping[str, Role]) -> list[Change]:
    """Plan the removal of the roles. A role goes last, so that a run after an interrupted one finds the rest by it."""
    changes = []
    for role in wanted:
        current = found[role.name]
        target = Target(role, current)
        if current.profile is not None:
            changes.append(_profile_change("delete", target))
        if current.exists:
            changes.append(Change("delete", "role", role.name, _shown(current), None, data=target))
    return changes
