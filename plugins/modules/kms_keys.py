#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: kms_keys
short_description: Keep KMS keys with their aliases, rotation and policies, in one call
version_added: 0.2.0
author:
  - KnowledgeCity platform contributors (@knowledgecity)
description:
  - Creates symmetric KMS keys, any number in a single task, each with its alias, rotation, policy, description and tags.
  - The deletion of a key is cancelled, and a disabled key is enabled.
  - A key has no name of its own, and its alias is created by a second call. A run that was interrupted between the two left a key
    that no alias refers to. It is recognised by O(identity_tags), and gets its alias.
  - An alias that refers to a key without these tags is not taken over. All problems are reported at once, before the first change.
  - A key is scheduled for deletion only where nothing in its region is under it. Volumes, snapshots of volumes and of databases,
    databases and their automated backups, secrets, log groups, buckets and grants to other accounts are looked for. What
    applications encrypted by themselves isn't known to AWS, and isn't found.
  - Replicas of multi-Region keys are made by M(knowledgecity.platform.kms_replica_key).
options:
  keys:
    description: The keys.
    type: list
    elements: dict
    required: true
    suboptions:
      alias:
        description: Alias of the key. It may be given without its C(alias/).
        type: str
        required: true
      description:
        description: Description of the key. Without it the description is left as it is.
        type: str
      tags:
        description: Tags of the key. Without it the tags are left as they are.
        type: dict
      policy:
        description:
          - Key policy. Without it the policy is left as it is.
          - A new key without a policy gets AWS's default, which leaves access to the account's IAM policies.
        type: json
      rotation_days:
        description: Days from 90 to 2560 between rotations of the key material; V(0) turns rotation off.
        type: int
        default: 365
      multi_region:
        description: Whether a new key is the primary of a multi-Region key. It can't be changed afterwards.
        type: bool
        default: false
  identity_tags:
    description:
      - Names of tags that tell a key of O(keys) from any other. Those of them that O(keys[].tags) has must be on the key.
      - A key without any of them takes whatever key its alias refers to.
    type: list
    elements: str
    default: [Name, managed-by]
  state:
    description:
      - With V(present) the keys exist as described.
      - With V(absent) the deletion of the keys is scheduled. Their aliases stay until AWS deletes the keys, so that
        V(present) finds the same keys in the meantime.
    type: str
    choices: [present, absent]
    default: present
  purge_tags:
    description: Remove tags that O(keys[].tags) doesn't name.
    type: bool
    default: true
  deletion_window:
    description: Days from 7 to 30 until a key is deleted, with O(state=absent). Until then its deletion can be cancelled.
    type: int
    default: 30
  in_use:
    description:
      - What to do with O(state=absent) where something is still under a key. Volumes and secrets alone are waited for
        first, since AWS lists them for a while after they went.
      - With V(fail) nothing is changed. With V(keep) that key stays as it is, and RV(kept) says why.
    type: str
    choices: [fail, keep]
    default: fail
    version_added: 0.2.0
  wait_timeout:
    description: Seconds to wait for the changes to take effect, and for volumes and secrets to go.
    type: int
    default: 60
extends_documentation_fragment:
  - knowledgecity.platform.regional
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: amazon.aws.kms_key
  - module: knowledgecity.platform.kms_replica_key
"""

EXAMPLES = r"""
- name: A key for data, and one that other regions will have replicas of
  knowledgecity.platform.kms_keys:
    keys:
      - alias: alias/kc-production-me-west-1-data
        description: Databases and volumes
        tags:
          Name: kc-production-me-west-1-data
          managed-by: knowledgecity.platform
      - alias: alias/kc-production-me-west-1-media-envelope
        multi_region: true
        rotation_days: 180
        policy: "{{ lookup('ansible.builtin.template', 'media-envelope.json.j2') }}"
        tags:
          Name: kc-production-me-west-1-media-envelope
          managed-by: knowledgecity.platform

- name: Schedule the deletion of a key
  knowledgecity.platform.kms_keys:
    keys:
      - alias: alias/kc-production-me-west-1-data
    state: absent
    deletion_window: 7

- name: Schedule the deletion of the keys that nothing is under any more
  knowledgecity.platform.kms_keys:
    keys:
      - alias: alias/kc-production-me-west-1-data
      - alias: alias/kc-production-me-west-1-backups
    state: absent
    in_use: keep
"""

RETURN = r"""
kms_keys:
  description: The keys as they were read last. In check mode those that exist.
  returned: success
  type: list
  elements: dict
  contains:
    alias:
      description: Alias of the key.
      type: str
    key_id:
      description: Key ID.
      type: str
    arn:
      description: ARN of the key.
      type: str
    state:
      description: State of the key, in KMS's words.
      type: str
  sample:
    - alias: alias/kc-production-me-west-1-data
      key_id: 0a1b2c3d-0000-1111-2222-333344445555
      arn: arn:aws:kms:me-west-1:111122223333:key/0a1b2c3d-0000-1111-2222-333344445555
      state: Enabled
kept:
  description: The keys that were to be removed and are kept, with O(in_use=keep).
  returned: success
  type: list
  elements: dict
  contains:
    alias:
      description: Alias of the key.
      type: str
    arn:
      description: ARN of the key.
      type: str
    reason:
      description: What is under the key.
      type: str
  sample:
    - alias: alias/kc-production-me-west-1-data
      arn: arn:aws:kms:me-west-1:111122223333:key/0a1b2c3d-0000-1111-2222-333344445555
      reason: snapshot of a database kc-production-me-west-1-database-final-20261130
changes:
  description: What was changed, or in check mode would be.
  returned: success
  type: list
  elements: dict
  sample:
    - action: create
      resource: key of alias/kc-production-me-west-1-data
    - action: create
      resource: alias/kc-production-me-west-1-data
"""

from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import RegionalClients, regional_module
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms.model import Options
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms.uses import KeyUses
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms_keys.model import Wanted
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms_keys.reconciler import KeyReconciler
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms_keys.store import KeyStore
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import converge, describe


def _wanted(entry: dict, identity_tags: list[str]) -> Wanted:
    try:
        return Wanted.from_options(entry, identity_tags)
    except ValueError as error:
        raise PlatformError(f"O(keys[].policy) of {entry['alias']} is no valid JSON: {error}") from error


def main() -> None:
    key = {
        "alias": {"type": "str", "required": True},
        "description": {"type": "str"},
        "tags": {"type": "dict"},
        "policy": {"type": "json"},
        "rotation_days": {"type": "int", "default": 365},
        "multi_region": {"type": "bool", "default": False},
    }
    module = regional_module(
        {
            "keys": {"type": "list", "elements": "dict", "required": True, "options": key, "no_log": False},
            "identity_tags": {"type": "list", "elements": "str", "default": ["Name", "managed-by"]},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "purge_tags": {"type": "bool", "default": True},
            "deletion_window": {"type": "int", "default": 30},
            "in_use": {"type": "str", "choices": ["fail", "keep"], "default": "fail"},
            "wait_timeout": {"type": "int", "default": 60},
        }
    )
    parameters = module.params
    if not 7 <= parameters["deletion_window"] <= 30:
        module.fail_json(msg=f"O(deletion_window) is {parameters['deletion_window']}, KMS takes 7 to 30 days.")
    options = Options(parameters["state"] == "present", parameters["purge_tags"], parameters["deletion_window"])
    clients = RegionalClients(module)
    try:
        reconciler = KeyReconciler(
            [_wanted(entry, parameters["identity_tags"]) for entry in parameters["keys"]],
            options,
            KeyStore(
                clients.client("kms"),
                clients.region,
                KeyUses(clients.client, clients.region),
                parameters["wait_timeout"],
            ),
            check_mode=module.check_mode,
            keep_in_use=parameters["in_use"] == "keep",
            patience=parameters["wait_timeout"],
        )
        changes, state = converge(reconciler, check_mode=module.check_mode, timeout=parameters["wait_timeout"])
    except PlatformError as error:
        module.fail_json(msg=str(error))
    module.exit_json(kms_keys=state.keys(), kept=state.kept(), **describe(changes))


if __name__ == "__main__":
    main()
