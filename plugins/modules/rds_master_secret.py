#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: rds_master_secret
short_description: Keep the master password of an RDS instance in a secret that is replicated to other regions
version_added: 0.2.0
author:
  - KnowledgeCity platform contributors (@knowledgecity)
description:
  - Creates a secret of Secrets Manager with a random password, replicates it to other regions, and sets it on the instance.
  - RDS can't create read replicas of a MySQL instance whose password it manages itself. Use this module for such instances.
  - The password is in no result, diff or log. What needs it reads the secret.
  - It is stored in the secret before it is set on the instance. A tag of the instance, C(master-secret-version), says which version
    of the secret was set, so that the next run completes one that was cut off.
  - A region of O(replicas) that doesn't answer is passed over with a warning, since it may be lost.
options:
  name:
    description: Name of the secret. Its value is a JSON object with C(engine), C(username) and C(password).
    type: str
    required: true
  state:
    description:
      - With V(present) the secret exists, and its password is the instance's. A secret that is pending deletion is restored; one
        that is pending deletion in a region of O(replicas) is replaced.
      - With V(absent) its replicas are removed and its deletion is scheduled. The instance is not read.
    type: str
    choices:
      - present
      - absent
    default: present
  instance:
    description: Identifier of the DB instance, in the module's region; no read replica. Required with O(state=present).
    type: str
  username:
    description: Name of the instance's master user. Required with O(state=present).
    type: str
  recovery_window:
    description: Days from 7 to 30 that a deleted secret can be restored.
    type: int
    default: 7
  kms_key:
    description: Key that encrypts the secret, by ARN, key ID or alias. Without it AWS's own key of Secrets Manager is used.
    type: str
  replicas:
    description: The other regions that have the secret. Replicas elsewhere are removed.
    type: list
    elements: dict
    default: []
    suboptions:
      region:
        description: Region of the replica.
        type: str
        required: true
      kms_key:
        description: Key of that region that encrypts the replica.
        type: str
  tags:
    description: Tags of the secret. Without it they are left as they are.
    type: dict
  rotate:
    description: Whether to create a new password. Open sessions are kept.
    type: bool
    default: false
  wait_timeout:
    description: Seconds to wait until the instance is available, and until its password is set.
    type: int
    default: 900
extends_documentation_fragment:
  - knowledgecity.platform.regional
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: amazon.aws.rds_instance
  - module: community.aws.secretsmanager_secret
"""

EXAMPLES = r"""
- name: Create the master password of the primary, and replicate it
  knowledgecity.platform.rds_master_secret:
    region: me-west-1
    name: kc-production/database/master
    instance: kc-production-me-west-1-database
    username: kcadmin
    kms_key: alias/kc-production-me-west-1-data
    replicas:
      - region: eu-central-1
        kms_key: alias/kc-production-eu-central-1-data

- name: Rotate the master password
  knowledgecity.platform.rds_master_secret:
    region: me-west-1
    name: kc-production/database/master
    instance: kc-production-me-west-1-database
    username: kcadmin
    rotate: true
    replicas:
      - region: eu-central-1

- name: Delete the secret
  knowledgecity.platform.rds_master_secret:
    region: me-west-1
    name: kc-production/database/master
    state: absent
"""

RETURN = r"""
secret:
  description: The secret without its value.
  returned: success
  type: dict
  contains:
    name:
      description: Its name.
      type: str
    arn:
      description: Its ARN; none in check mode before it exists.
      type: str
    version:
      description: The version that is current.
      type: str
    applied_version:
      description: The version that is the instance's password.
      type: str
    replica_regions:
      description: The regions of its replicas.
      type: list
      elements: str
  sample:
    name: kc-production/database/master
    arn: arn:aws:secretsmanager:me-west-1:111122223333:secret:kc-production/database/master-a1b2c3
    version: 0f1e2d3c-0f1e-2d3c-4b5a-0f1e2d3c4b5a
    applied_version: 0f1e2d3c-0f1e-2d3c-4b5a-0f1e2d3c4b5a
    replica_regions: [eu-central-1]
changes:
  description: What was changed, or in check mode would be.
  returned: success
  type: list
  elements: dict
  sample:
    - {action: create, resource: secret kc-production/database/master}
    - {action: create, resource: secret kc-production/database/master in eu-central-1}
    - {action: set, resource: master password of kc-production-me-west-1-database}
"""

from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import RegionalClients, regional_module
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import converge, describe
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_master_secret.model import Wanted, summary
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_master_secret.reconciler import (
    MasterSecretReconciler,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_master_secret.store import MasterSecretStore

_OTHERS_TIMEOUT = 10


def main() -> None:
    replica = {"region": {"type": "str", "required": True}, "kms_key": {"type": "str", "no_log": False}}
    module = regional_module(
        {
            "name": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "instance": {"type": "str"},
            "username": {"type": "str"},
            "recovery_window": {"type": "int", "default": 7},
            "kms_key": {"type": "str", "no_log": False},
            "replicas": {"type": "list", "elements": "dict", "default": [], "options": replica},
            "tags": {"type": "dict"},
            "rotate": {"type": "bool", "default": False},
            "wait_timeout": {"type": "int", "default": 900},
        },
        required_if=[("state", "present", ("instance", "username"))],
    )
    parameters, tags = module.params, module.params["tags"]
    wanted = Wanted(
        name=parameters["name"],
        instance=parameters["instance"] or "",
        username=parameters["username"] or "",
        kms_key=parameters["kms_key"],
        replicas={item["region"]: item["kms_key"] for item in parameters["replicas"]},
        tags=None if tags is None else {key: str(value) for key, value in tags.items()},
        rotate=parameters["rotate"],
    )
    if not 7 <= parameters["recovery_window"] <= 30:
        module.fail_json(
            msg=f"O(recovery_window) is {parameters['recovery_window']}, Secrets Manager takes 7 to 30 days."
        )
    clients = RegionalClients(module)
    # The others may be lost.
    others = RegionalClients(module, max_attempts=1, read_timeout=_OTHERS_TIMEOUT)
    try:
        store = MasterSecretStore(
            lambda service, region: (clients if region == clients.region else others).client(service, region),
            clients.region,
            wanted,
            parameters["wait_timeout"],
            parameters["recovery_window"],
        )
        reconciler = MasterSecretReconciler(
            wanted,
            store,
            clients.region,
            absent=parameters["state"] == "absent",
            check_mode=module.check_mode,
            warn=module.warn,
        )
        changes, state = converge(reconciler, check_mode=module.check_mode, timeout=parameters["wait_timeout"])
    except PlatformError as error:
        module.fail_json(msg=str(error))
    module.exit_json(secret=summary(wanted, state), **describe(changes))


if __name__ == "__main__":
    main()
