#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: rds_automated_backup_replication
short_description: Replicate automated backups of RDS instances to another region
version_added: 0.2.0
author:
  - KnowledgeCity platform contributors (@knowledgecity)
description:
  - RDS copies snapshots and transaction logs of DB instances to the region that the module works in, from where an instance can be
    restored to a point in time while the source's region is lost.
  - All entries are checked before the first change, and all problems are reported at once.
  - RDS changes neither retention nor key of a replication. Where one differs, it is stopped and started anew. What was copied until
    then is kept for its retention.
options:
  replications:
    description: The instances whose backups are copied to this region.
    type: list
    elements: dict
    required: true
    suboptions:
      source_arn:
        description: ARN of the DB instance, in another region. Its backups must be on, with a retention of at least one day.
        type: str
        required: true
      retention_days:
        description: Days from 1 to 35 that the copies are kept.
        type: int
        default: 7
      kms_key:
        description: Key of this region that encrypts the copies, by ARN, key ID or alias. Required where the source is encrypted.
        type: str
  state:
    description: Whether the replications run. With V(absent) they are stopped, and what was copied is kept for its retention.
    type: str
    choices:
      - present
      - absent
    default: present
  wait_timeout:
    description: Seconds to wait until RDS shows what is wanted.
    type: int
    default: 300
extends_documentation_fragment:
  - knowledgecity.platform.regional
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: amazon.aws.rds_instance
"""

EXAMPLES = r"""
- name: Replicate the backups of the primary to the standby region
  knowledgecity.platform.rds_automated_backup_replication:
    region: eu-central-1
    replications:
      - source_arn: arn:aws:rds:me-west-1:111122223333:db:kc-production-me-west-1-database
        retention_days: 14
        kms_key: alias/kc-production-eu-central-1-data

- name: Stop the replication
  knowledgecity.platform.rds_automated_backup_replication:
    region: eu-central-1
    state: absent
    replications:
      - source_arn: arn:aws:rds:me-west-1:111122223333:db:kc-production-me-west-1-database
"""

RETURN = r"""
replications:
  description: The replications into this region as they were read last, also stopped ones whose copies are kept.
  returned: success
  type: list
  elements: dict
  contains:
    source_arn:
      description: ARN of the DB instance.
      type: str
    arn:
      description: ARN of the copies.
      type: str
    retention_days:
      description: Days that the copies are kept.
      type: int
    kms_key_arn:
      description: Key that encrypts the copies.
      type: str
    status:
      description: In RDS's words, such as V(replicating) or V(retained).
      type: str
  sample:
    - source_arn: arn:aws:rds:me-west-1:111122223333:db:kc-production-me-west-1-database
      arn: arn:aws:rds:eu-central-1:111122223333:auto-backup:ab-123
      retention_days: 14
      kms_key_arn: arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
      status: replicating
changes:
  description: What was changed, or in check mode would be.
  returned: success
  type: list
  elements: dict
  sample:
    - action: create
      resource: replication of the automated backups of arn:aws:rds:me-west-1:111122223333:db:kc-production-me-west-1-database
"""

from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import RegionalClients, regional_module
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import judge
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import converge, describe
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_backup_replication.model import Wanted, check
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_backup_replication.reconciler import (
    BackupReplicationReconciler,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_backup_replication.store import (
    BackupReplicationStore,
)


def main() -> None:
    entry = {
        "source_arn": {"type": "str", "required": True},
        "retention_days": {"type": "int", "default": 7},
        "kms_key": {"type": "str", "no_log": False},
    }
    module = regional_module(
        {
            "replications": {"type": "list", "elements": "dict", "required": True, "options": entry},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "wait_timeout": {"type": "int", "default": 300},
        }
    )
    parameters = module.params
    absent = parameters["state"] == "absent"
    clients = RegionalClients(module)
    try:
        store = BackupReplicationStore(clients.client("rds"), clients.client("kms"), clients.region)
        wanted = [
            Wanted(item["source_arn"], item["retention_days"], None if absent else store.key_arn(item["kms_key"]))
            for item in parameters["replications"]
        ]
        judge(check(wanted, clients.region), check_mode=module.check_mode, skip_unavailable=False).enforce()
        reconciler = BackupReplicationReconciler(wanted, store, absent=absent)
        changes, current = converge(reconciler, check_mode=module.check_mode, timeout=parameters["wait_timeout"])
    except PlatformError as error:
        module.fail_json(msg=str(error))
    module.exit_json(replications=[item.as_dict() for item in current], **describe(changes))


if __name__ == "__main__":
    main()
