#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: iam_roles
short_description: Keep IAM roles with all their policies, in one call
version_added: 0.2.0
author:
  - KnowledgeCity platform contributors (@knowledgecity)
description:
  - Creates IAM roles, any number in a single task, each with its trust policy, permissions boundary, inline policies, attached
    policies, tags and instance profile, or removes them.
  - A role gets exactly the rights that are stated here. Inline and attached policies that somebody added by hand are removed.
  - A role that exists without the tags named in O(identity_tags) is somebody else's and is not changed. All problems are reported
    at once, before the first change.
  - In check mode everything is announced, including the policies of roles that don't exist yet.
options:
  roles:
    description: The roles.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the role, and of its instance profile.
        type: str
        required: true
      assume_role_policy:
        description: The trust policy, which says who may assume the role. Required with O(state=present).
        type: json
      description:
        description: Description of the role.
        type: str
      permissions_boundary:
        description: ARN of the managed policy that bounds the role. Without it the role has no boundary.
        type: str
      policies:
        description: Inline policies, documents by name.
        type: dict
      managed_policies:
        description: ARNs of the managed policies that are attached.
        type: list
        elements: str
        default: []
      max_session_duration:
        description: Seconds that a session of the role can last.
        type: int
        default: 3600
      instance_profile:
        description: Whether there is an instance profile of the role's name.
        type: bool
        default: false
      tags:
        description: Tags of the role. Others are removed.
        type: dict
  identity_tags:
    description:
      - Names of tags that tell the roles from others of the same name.
      - Those of them that O(roles[].tags) has must be on the role.
    type: list
    elements: str
    default: [managed-by, platform, environment]
  state:
    description: Whether the roles exist.
    type: str
    choices: [present, absent]
    default: present
  wait_timeout:
    description: Seconds to wait for the changes to take effect.
    type: int
    default: 60
extends_documentation_fragment:
  - knowledgecity.platform.regional
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: amazon.aws.iam_role
  - module: amazon.aws.iam_managed_policy
"""

EXAMPLES = r"""
- name: A role for instances that may read one bucket
  knowledgecity.platform.iam_roles:
    roles:
      - name: kc-production-me-west-1-runner
        assume_role_policy:
          Version: "2012-10-17"
          Statement:
            - Effect: Allow
              Principal: {Service: ec2.amazonaws.com}
              Action: sts:AssumeRole
        permissions_boundary: arn:aws:iam::111122223333:policy/kc-production-boundary
        policies:
          artefacts:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: s3:GetObject
                Resource: arn:aws:s3:::kc-production-me-west-1-storage-artefacts/*
        instance_profile: true
        tags:
          platform: kc
          managed-by: knowledgecity.platform

- name: Remove it
  knowledgecity.platform.iam_roles:
    roles:
      - name: kc-production-me-west-1-runner
    state: absent
"""

RETURN = r"""
roles:
  description: The roles as they were read last; in check mode as they were found.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the role.
      type: str
    arn:
      description: ARN of the role; empty where it does not exist.
      type: str
    exists:
      description: Whether the role exists.
      type: bool
  sample:
    - name: kc-production-me-west-1-runner
      arn: arn:aws:iam::111122223333:role/kc-production-me-west-1-runner
      exists: true
changes:
  description: What was changed, or in check mode would be.
  returned: success
  type: list
  elements: dict
  sample:
    - action: create
      resource: role kc-production-me-west-1-runner
    - action: create
      resource: policy artefacts of role kc-production-me-west-1-runner
"""

from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import RegionalClients, regional_module
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._iam_roles.model import Role
from ansible_collections.knowledgecity.platform.plugins.module_utils._iam_roles.reconciler import RoleReconciler
from ansible_collections.knowledgecity.platform.plugins.module_utils._iam_roles.store import RoleStore
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import converge, describe


def _wanted(entry: dict, present: bool) -> Role:
    if present and not entry["assume_role_policy"]:
        raise PlatformError(
            f"O(roles[].assume_role_policy) of {entry['name']} is missing: it says who may assume the role."
        )
    try:
        return Role.from_options(entry)
    except ValueError as error:
        raise PlatformError(f"A policy of the role {entry['name']} is no valid JSON: {error}") from error


def main() -> None:
    role = {
        "name": {"type": "str", "required": True},
        "assume_role_policy": {"type": "json"},
        "description": {"type": "str"},
        "permissions_boundary": {"type": "str"},
        "policies": {"type": "dict"},
        "managed_policies": {"type": "list", "elements": "str", "default": []},
        "max_session_duration": {"type": "int", "default": 3600},
        "instance_profile": {"type": "bool", "default": False},
        "tags": {"type": "dict"},
    }
    module = regional_module(
        {
            "roles": {"type": "list", "elements": "dict", "required": True, "options": role},
            "identity_tags": {
                "type": "list",
                "elements": "str",
                "default": ["managed-by", "platform", "environment"],
            },
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "wait_timeout": {"type": "int", "default": 60},
        }
    )
    present, timeout = module.params["state"] == "present", module.params["wait_timeout"]
    try:
        wanted = [_wanted(entry, present) for entry in module.params["roles"]]
        store = RoleStore(RegionalClients(module).client("iam"), timeout)
        reconciler = RoleReconciler(wanted, store, module.params["identity_tags"], present=present)
        changes, found = converge(reconciler, check_mode=module.check_mode, timeout=timeout)
    except PlatformError as error:
        module.fail_json(msg=str(error))
    module.exit_json(
        roles=[{"name": role.name, "arn": role.arn, "exists": role.exists} for role in found.values()],
        **describe(changes),
    )


if __name__ == "__main__":
    main()
