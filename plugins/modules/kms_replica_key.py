#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: kms_replica_key
short_description: Replicate multi-Region KMS keys to other regions
version_added: 0.1.0
author:
  - KnowledgeCity platform contributors (@knowledgecity)
description:
  - Creates replicas of multi-Region primary keys in other regions, any number in a single task. Each gets an alias.
  - A replica shares its primary's key ID and key material. Alias, description, tags, policy and state are its own.
  - Primary keys are created with M(amazon.aws.kms_key).
  - Before the first change all entries are checked in both regions, and all problems are reported at once.
  - The next run completes an interrupted one.
  - In check mode a primary that does not exist is a warning, since the run of a whole playbook may create it first.
options:
  keys:
    description: The replicas.
    type: list
    elements: dict
    required: true
    suboptions:
      primary:
        description:
          - The primary key by alias, key ID or ARN. An alias may be given without its C(alias/).
          - It is read in the module's region, or in the ARN's.
        type: str
        required: true
      replica_region:
        description: Region of the replica.
        type: str
        required: true
      alias:
        description:
          - Alias of the replica in its region. It may be given without its C(alias/).
          - The alias of another key is not taken over.
        type: str
        required: true
      description:
        description: Description of the replica. Without it the description is left as it is.
        type: str
      tags:
        description: Tags of the replica. Without it the tags are left as they are.
        type: dict
      policy:
        description:
          - Key policy of the replica. Without it the policy is left as it is.
          - A new replica without a policy gets AWS's default, which leaves access to the account's IAM policies.
        type: json
      enabled:
        description: Whether the replica can be used. Each key of a multi-Region key is enabled and disabled by itself.
        type: bool
        default: true
  state:
    description:
      - With V(present) the replicas exist as described. The deletion of a replica that is scheduled for it is cancelled.
      - With V(absent) the aliases are removed and the deletion of the replicas is scheduled. Primary keys are never touched.
      - Where the primary is gone and was named by its alias, V(absent) finds the replica by its own alias.
    type: str
    choices:
      - present
      - absent
    default: present
  purge_tags:
    description: Remove tags that O(keys[].tags) doesn't name.
    type: bool
    default: true
  deletion_window:
    description: Days from 7 to 30 until a replica is deleted, with O(state=absent). Until then its deletion can be cancelled.
    type: int
    default: 30
  in_use:
    description:
      - What to do with O(state=absent) where something in the replica's region is still under a replica, as
        M(knowledgecity.platform.kms_keys) looks for it.
      - With V(fail) nothing is changed. With V(keep) that replica stays as it is, and RV(kept) says why.
    type: str
    choices:
      - fail
      - keep
    default: fail
    version_added: 0.2.0
  when_unavailable:
    description:
      - What to do with a replica whose primary does not exist, or where one of the two regions does not answer.
      - With V(skip) it is left as it is, with a warning. Meant for runs that are limited to a region.
    type: str
    choices:
      - fail
      - skip
    default: fail
  wait_timeout:
    description: Seconds to wait until a replica is created, and for other changes to take effect.
    type: int
    default: 120
extends_documentation_fragment:
  - knowledgecity.platform.regional
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: amazon.aws.kms_key
"""

EXAMPLES = r"""
- name: Replicate the platform's keys to the standby region
  knowledgecity.platform.kms_replica_key:
    region: me-west-1
    keys:
      - primary: alias/kc-production-database
        replica_region: eu-central-1
        alias: alias/kc-production-database
        description: Encrypts the databases
        policy: "{{ lookup('ansible.builtin.template', 'database-key-policy.json.j2') }}"
        tags:
          platform: kc
          environment: production
      - primary: arn:aws:kms:me-west-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab
        replica_region: eu-central-1
        alias: alias/kc-production-secrets

- name: Give the replicas up
  knowledgecity.platform.kms_replica_key:
    region: me-west-1
    state: absent
    deletion_window: 7
    keys:
      - primary: alias/kc-production-database
        replica_region: eu-central-1
        alias: alias/kc-production-database
"""

RETURN = r"""
replicas:
  description: The replicas as they were read last. In check mode those that exist.
  returned: success
  type: list
  elements: dict
  contains:
    primary:
      description: The primary as it was named.
      type: str
    region:
      description: Region of the replica.
      type: str
    alias:
      description: Alias of the replica.
      type: str
    key_id:
      description: Key ID, which is the primary's too.
      type: str
    arn:
      description: ARN of the replica.
      type: str
    state:
      description: State of the replica, in KMS's words.
      type: str
  sample:
    - primary: alias/kc-production-database
      region: eu-central-1
      alias: alias/kc-production-database
      key_id: mrk-1234abcd12ab34cd56ef1234567890ab
      arn: arn:aws:kms:eu-central-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab
      state: Enabled
skipped_replicas:
  description: Replicas that were left as they are, see O(when_unavailable).
  returned: success
  type: list
  elements: str
kept:
  description: Replicas that were to be removed and are kept, with O(in_use=keep).
  returned: success
  type: list
  elements: dict
  contains:
    alias:
      description: Alias of the replica.
      type: str
    arn:
      description: ARN of the replica.
      type: str
    reason:
      description: What is under the replica.
      type: str
changes:
  description: What was changed, or in check mode would be.
  returned: success
  type: list
  elements: dict
  sample:
    - action: create
      resource: replica of alias/kc-production-database in eu-central-1
    - action: create
      resource: alias/kc-production-database in eu-central-1
"""

from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import RegionalClients, regional_module
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms.model import Options
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms.uses import KeyUses
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms_replica_key.model import Wanted
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms_replica_key.reconciler import (
    ReplicaKeyReconciler,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms_replica_key.store import ReplicaKeyStore
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import converge, describe


def _wanted(entry: dict, region: str) -> Wanted:
    try:
        return Wanted.from_options(entry, region)
    except ValueError as error:
        raise PlatformError(f"O(keys[].policy) of {entry['primary']} is no valid JSON: {error}") from error


def main() -> None:
    key = {
        "primary": {"type": "str", "required": True},
        "replica_region": {"type": "str", "required": True},
        "alias": {"type": "str", "required": True},
        "description": {"type": "str"},
        "tags": {"type": "dict"},
        "policy": {"type": "json"},
        "enabled": {"type": "bool", "default": True},
    }
    module = regional_module(
        {
            "keys": {"type": "list", "elements": "dict", "required": True, "options": key, "no_log": False},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "purge_tags": {"type": "bool", "default": True},
            "deletion_window": {"type": "int", "default": 30},
            "in_use": {"type": "str", "choices": ["fail", "keep"], "default": "fail"},
            "when_unavailable": {"type": "str", "choices": ["fail", "skip"], "default": "fail"},
            "wait_timeout": {"type": "int", "default": 120},
        }
    )
    parameters = module.params
    if not 7 <= parameters["deletion_window"] <= 30:
        module.fail_json(msg=f"O(deletion_window) is {parameters['deletion_window']}, KMS takes 7 to 30 days.")
    options = Options(parameters["state"] == "present", parameters["purge_tags"], parameters["deletion_window"])
    clients = RegionalClients(module, max_attempts=3)
    try:
        reconciler = ReplicaKeyReconciler(
            [_wanted(entry, clients.region) for entry in parameters["keys"]],
            options,
            ReplicaKeyStore(lambda region: clients.client("kms", region), parameters["wait_timeout"]),
            check_mode=module.check_mode,
            skip_unavailable=parameters["when_unavailable"] == "skip",
            uses_in=lambda region: KeyUses(lambda service: clients.client(service, region), region),
            keep_in_use=parameters["in_use"] == "keep",
        )
        changes, state = converge(reconciler, check_mode=module.check_mode, timeout=parameters["wait_timeout"])
    except PlatformError as error:
        module.fail_json(msg=str(error))
    for warning in state.verdict.warnings:
        module.warn(warning)
    module.exit_json(
        replicas=state.replicas(),
        skipped_replicas=sorted(state.verdict.skipped),
        kept=state.kept(),
        **describe(changes),
    )


if __name__ == "__main__":
    main()
