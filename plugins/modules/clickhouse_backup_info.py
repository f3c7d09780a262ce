#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: clickhouse_backup_info
short_description: Gather information about the ClickHouse backups in a bucket
version_added: 0.2.0
author:
  - KnowledgeCity platform contributors (@knowledgecity)
description:
  - Reads all backups below a prefix, and compares the description of each with what S3 lists.
  - Reads the progress of running backups from the server. Without O(login_host) only S3 is read.
options:
  names:
    description: Names of the backups to return. Default is all.
    type: list
    elements: str
    default: []
  login_host:
    description: Host of the ClickHouse server. Without it no server is read.
    type: str
  timeout:
    description: Seconds to wait for an answer of the server.
    type: int
    default: 30
extends_documentation_fragment:
  - knowledgecity.platform.clickhouse
  - knowledgecity.platform.regional
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: knowledgecity.platform.clickhouse_backup
"""

EXAMPLES = r"""
- name: Gather information about the backups
  knowledgecity.platform.clickhouse_backup_info:
    bucket: kc-production-me-west-1-storage-backups
  register: backups

- name: Fail where the newest verified backup is older than two days
  ansible.builtin.assert:
    that:
      - backups.newest_verified.name is not none
      - backups.newest_verified.age < 172800
"""

RETURN = r"""
backups:
  description: The backups, oldest first, as M(knowledgecity.platform.clickhouse_backup) returns them.
  returned: success
  type: list
  elements: dict
  sample:
    - name: reporting-20261125
      exists: true
      chain: [reporting-20261125]
      faults: []
unfinished:
  description: Backups that were never finished, with the progress that the server reports while it writes one.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Its name.
      type: str
    objects:
      description: Number of objects in S3.
      type: int
    age:
      description: Seconds since S3 last stored one of them.
      type: float
    running:
      description: Whether the server is writing it. Always false where no server was read.
      type: bool
    progress:
      description: Bytes written and expected, elapsed and expected time, as a sentence.
      type: str
  sample: [{name: reporting-20261126, objects: 30, age: 2.0, running: true, progress: "100 of 400 bytes after 3 s, about 9 s left"}]
orphans:
  description: Backups that can't be restored since a base is missing or was replaced.
  returned: success
  type: list
  elements: str
foreign:
  description: Names of what is beside the backups and was not made by M(knowledgecity.platform.clickhouse_backup).
  returned: success
  type: list
  elements: str
  version_added: 0.2.0
newest_verified:
  description:
    - The newest sound backup that was verified by its bytes or in a scratch database, its age in seconds, and its tables that
      could not be compared.
  returned: success
  type: dict
  sample: {name: reporting-20261125, age: 3600.0, by: [scratch], uncompared: []}
"""

from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import RegionalClients, regional_module
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse.connection import (
    LOGIN_OPTIONS,
    connect,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.engine import Engine
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.results import (
    backup_result,
    newest_verified,
    orphans,
    unfinished_result,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.retention import foreign
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.store import BackupStore
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError


def main() -> None:
    module = regional_module(
        LOGIN_OPTIONS
        | {
            "login_host": {"type": "str"},
            "names": {"type": "list", "elements": "str", "default": []},
            "bucket": {"type": "str", "required": True},
            "prefix": {"type": "str", "default": "clickhouse/"},
            "timeout": {"type": "int", "default": 30},
        }
    )
    options = module.params
    try:
        clients = RegionalClients(module)
        store = BackupStore(clients.client("s3"), options["bucket"], options["prefix"], clients.region)
        store.check_bucket()
        backups = store.read()
        engine = None
        if options["login_host"]:
            server = connect(options, options["timeout"])
            engine = Engine(server, timeout=options["timeout"], max_bandwidth=0, say=module.log)
        asked = [backup for name, backup in backups.items() if not options["names"] or name in options["names"]]
        finished = sorted((backup for backup in asked if backup.finished), key=lambda backup: backup.created)
        module.exit_json(
            changed=False,
            backups=[backup_result(backups, backup.name) for backup in finished],
            unfinished=[unfinished_result(backup, store.now, engine) for backup in asked if not backup.finished],
            orphans=orphans(backups),
            foreign=foreign(backups),
            newest_verified=newest_verified(backups, store.now),
        )
    except PlatformError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
