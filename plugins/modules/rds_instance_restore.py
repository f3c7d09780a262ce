#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: rds_instance_restore
short_description: Restore a DB instance beside its source, to any second that its automated backups reach
version_added: 0.2.0
author:
  - KnowledgeCity platform contributors (@knowledgecity)
description:
  - Restores automated backups of this region, those that are replicated to it from another one, and those that were kept of a
    deleted instance. The source is not changed.
  - RDS keeps the binary logs every five minutes. Where O(restore_time) is later than the backups reach, the module waits until they
    reach it.
  - Tags of the restored instance (C(restored-from), C(restored-to)) say what it is. A run that was cut off is gone on with, and
    only instances with these tags are ever deleted.
  - A restored instance has the master password that its source had at that second. With O(admin_secret) it gets that of the secret.
options:
  name:
    description: Name of the restored instance.
    type: str
    required: true
  state:
    description: V(absent) deletes a restored instance, with its own backups and without a final snapshot.
    type: str
    choices: [present, absent]
    default: present
  source:
    description:
      - The instance whose backups are restored. Its name where it is of this region, its ARN where it is of another one, and its
        resource ID (C(db-...)) where several instances had its name.
      - Required where O(state=present).
    type: str
  restore_time:
    description:
      - The second that is restored, in ISO 8601 with a time zone. What was committed later is not in the restored instance.
      - V(latest) is the latest second that the backups reach.
    type: str
    default: latest
  instance_class:
    description: Instance class. By default that of the source.
    type: str
  subnet_group:
    description: DB subnet group. By default RDS uses the default VPC.
    type: str
  security_groups:
    description: IDs of security groups. By default RDS uses the default one of the VPC.
    type: list
    elements: str
  parameter_group:
    description:
      - DB parameter group. By default RDS uses its own.
      - One that disables the event scheduler keeps events of the source from changing what was restored.
    type: str
  multi_az:
    description: Whether it has a standby in another zone.
    type: bool
    default: false
  deletion_protection:
    description: Whether RDS refuses to delete it.
    type: bool
    default: false
  admin_secret:
    description: Name of the secret with C(username) and C(password) of the master user. It may be a replica of another region's.
    type: str
  tags:
    description: Further tags of the restored instance.
    type: dict
    default: {}
  wait_timeout:
    description: Seconds to wait until the backups reach O(restore_time), and until the instance is available or gone.
    type: int
    default: 3600
extends_documentation_fragment:
  - knowledgecity.platform.regional
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: knowledgecity.platform.rds_tenant_restore
  - module: knowledgecity.platform.rds_automated_backup_replication
"""

EXAMPLES = r"""
- name: Restore an instance as it was before a mistake
  knowledgecity.platform.rds_instance_restore:
    region: me-west-1
    name: kc-production-me-west-1-database-restored
    source: kc-production-me-west-1-database
    restore_time: "2026-03-14T09:26:52Z"
    subnet_group: kc-production-me-west-1-database
    security_groups: [sg-0a1b2c3d]
    parameter_group: kc-production-me-west-1-database-restore
    admin_secret: kc-production/database/master

- name: Restore it in the region that its backups are replicated to
  knowledgecity.platform.rds_instance_restore:
    region: eu-central-1
    name: kc-production-eu-central-1-database-restored
    source: arn:aws:rds:me-west-1:111122223333:db:kc-production-me-west-1-database
    subnet_group: kc-production-eu-central-1-database
    security_groups: [sg-1a2b3c4d]

- name: Remove the restored instance
  knowledgecity.platform.rds_instance_restore:
    region: me-west-1
    name: kc-production-me-west-1-database-restored
    state: absent
"""

RETURN = r"""
instance:
  description: The restored instance as it was read last; none where it is absent.
  returned: success
  type: dict
  contains:
    name:
      description: Its name.
      type: str
    arn:
      description: Its ARN.
      type: str
    status:
      description: Its status.
      type: str
    endpoint:
      description: Its endpoint.
      type: str
    port:
      description: Its port.
      type: int
    source_arn:
      description: The instance that it was restored from.
      type: str
    restored_to:
      description: The second that it was restored to.
      type: str
  sample:
    name: kc-production-me-west-1-database-restored
    arn: arn:aws:rds:me-west-1:111122223333:db:kc-production-me-west-1-database-restored
    status: available
    endpoint: kc-production-me-west-1-database-restored.c0123456789a.me-west-1.rds.amazonaws.com
    port: 3306
    source_arn: arn:aws:rds:me-west-1:111122223333:db:kc-production-me-west-1-database
    restored_to: "2026-03-14T09:26:52Z"
seconds:
  description: How long this run waited for it.
  returned: success
  type: float
  sample: 1312.4
changes:
  description: What was changed, or in check mode would be.
  returned: success
  type: list
  elements: dict
  sample: [{action: create, resource: DB instance kc-production-me-west-1-database-restored}]
"""

import time

from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import RegionalClients, regional_module
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._moments import parse_moment
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change, converge, describe
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_instance_restore.model import (
    Wanted,
    summary,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_instance_restore.reconciler import (
    InstanceRestoreReconciler,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_instance_restore.store import RestoreStore

_SETTINGS = {
    "instance_class": {"type": "str"},
    "subnet_group": {"type": "str"},
    "security_groups": {"type": "list", "elements": "str"},
    "parameter_group": {"type": "str"},
    "multi_az": {"type": "bool", "default": False},
    "deletion_protection": {"type": "bool", "default": False},
}
_OPTIONS = _SETTINGS | {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "source": {"type": "str"},
    "restore_time": {"type": "str", "default": "latest"},
    "admin_secret": {"type": "str", "no_log": False},
    "tags": {"type": "dict", "default": {}},
    "wait_timeout": {"type": "int", "default": 3600},
}


def main() -> None:
    module = regional_module(_OPTIONS, required_if=[("state", "present", ["source"])])
    parameters, started = module.params, time.monotonic()
    absent, timeout = parameters["state"] == "absent", parameters["wait_timeout"]
    clients = RegionalClients(module)
    try:
        wanted = Wanted(
            parameters["name"],
            parameters["source"] or "",
            None if parameters["restore_time"] == "latest" else parse_moment(parameters["restore_time"]),
            {name: parameters[name] for name in _SETTINGS},
            parameters["tags"],
        )
        secret = None if absent else parameters["admin_secret"]
        store = RestoreStore(clients.client("rds"), clients.client("secretsmanager"), clients.region, secret, timeout)
        changes: list[Change] = []
        # RDS takes a new password only of an instance that is available.
        for password in (True,) if module.check_mode or absent else (False, True):
            reconciler = InstanceRestoreReconciler(
                wanted, store, clients.region, absent=absent, password=password, check_mode=module.check_mode
            )
            planned, state = converge(reconciler, check_mode=module.check_mode, timeout=timeout)
            changes += planned
    except PlatformError as error:
        module.fail_json(msg=str(error))
    made = [change for change in changes if change.action != "wait"]
    seconds = round(time.monotonic() - started, 1)
    module.exit_json(instance=summary(wanted, state.instance), seconds=seconds, **describe(made))


if __name__ == "__main__":
    main()
