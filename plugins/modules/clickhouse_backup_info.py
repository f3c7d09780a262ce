#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: clickhouse_backup_info
short_description: Tell which ClickHouse backups a bucket holds, which are sound, and which are being written
version_added: 0.2.0
author:
  - KnowledgeCity platform contributors (@knowledgecity)
description:
  - Reads all backups below a prefix, and compares each description with what S3 lists.
  - Asks the server how far its running backups are. Without O(login_host) only S3 is read.
options:
  names:
    description: Tell of these backups only. Default is all.
    type: list
    elements: str
    default: []
  login_host:
    description: Host of the ClickHouse server. Without it nothing is asked of a server.
    type: str
  timeout:
    description: Seconds that the server may take to answer.
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
- name: Look at the backups
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
  description: Backups that were never finished. Progress is the server's word, where it is writing one.
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
      description: Seconds since S3 last took one of them.
      type: float
    running:
      description: Whether the server is writing it. Always false where no server was asked.
      type: bool
    progress:
      description: Bytes written and expected, elapsed and expected time, in words.
      type: str
  sample: [{name: reporting-20261126, objects: 30, age: 2.0, running: true, progress: "100 of 400 bytes after 3 s, about 9 s left"}]
orphans:
  description: Backups that can't be restored since a base is missing or was taken anew.
  returned: success
  type: list
  elements: str
newest_verified:
  description: The newest sound backup that was verified by its bytes or in scratch databases, and its age in seconds.
  returned: success
  type: dict
  sample: {name: reporting-20261125, age: 3600.0, by: [scratch]}
"""

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import RegionalClients, regional_module
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse.connection import (
    LOGIN_OPTIONS,
    connect,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.engine import Engine
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.model import Backup
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.results import (
    backup_result,
    newest_verified,
    orphans,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.store import BackupStore
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError


def _unfinished(backup: Backup, store: BackupStore, engine: Engine | None) -> dict[str, t.Any]:
    identity = (backup.request or {}).get("id")
    progress = engine.progress(identity) if engine and identity else None
    return {
        "name": backup.name,
        "objects": len(backup.objects),
        "age": (store.now - backup.touched).total_seconds(),
        "running": bool(progress and progress.running),
        "progress": progress.in_words() if progress and progress.running else "",
    }


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
            unfinished=[_unfinished(backup, store, engine) for backup in asked if not backup.finished],
            orphans=orphans(backups),
            newest_verified=newest_verified(backups, store.now),
        )
    except PlatformError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
