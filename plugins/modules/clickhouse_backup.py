#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: clickhouse_backup
short_description: Back up ClickHouse to S3, and verify, restore, copy and prune backups
version_added: 0.2.0
author:
  - KnowledgeCity platform contributors (@knowledgecity)
description:
  - Runs ClickHouse's C(BACKUP) and C(RESTORE) over its HTTP interface, full or incremental.
  - S3 is the source of truth. A backup exists when its description is complete and every object that it lists exists with its size.
    The server forgets its backups when it restarts.
  - The server reaches S3 by a named collection. No key and no address is in a statement, so none is in a log. A collection of the
    same name in another region makes a copied backup complete there.
  - A backup or restore goes on when the run is cut off. The next run waits for it, or cleans up what is left and starts again.
  - In check mode S3 is only listed and read, and on the server only SELECT is run.
  - O(state=restored) and O(state=verified) check a backup with all of its bases.
  - What was not made by this module is never changed. Its names are returned by O(state=pruned) and
    M(knowledgecity.platform.clickhouse_backup_info).
  - A server that is one of several shards is refused, since a backup of it would lack the rows of the others.
options:
  name:
    description:
      - Name of the backup. Required except with O(state=pruned).
      - Letters, digits, dots, dashes and underscores.
    type: str
  state:
    description:
      - With V(present) the backup exists, and a record beside it holds what its tables held.
      - With V(verified) it is verified by O(verify). It is proven, or unsound, or could not be verified, as where a disk is full
        or a right is missing. No later verdict erases an earlier proof.
      - With V(restored) every table holds what was backed up, or was restored from it once.
      - With V(copied) it exists with all its bases in O(copy_to) too.
      - With V(absent) it is removed. The base of another backup isn't removed, nor one that is being written, nor what others made.
      - With V(pruned) backups that O(retention) doesn't keep are removed, and unfinished ones that were not written to for a day.
        What this module did not make is left, and does not count.
    type: str
    choices: [present, verified, restored, copied, absent, pruned]
    default: present
  login_host:
    description:
      - Host of the ClickHouse server.
      - Name one server, not a load balancer or a Kubernetes Service, since each one knows only the backups that it makes.
    type: str
    default: localhost
  collection:
    description:
      - Named collection on the server by which it reaches O(bucket) and O(prefix).
      - Its C(url) is that of the prefix. It holds an access key, or none where the server has a role.
    type: str
    default: backups
  databases:
    description: Databases to back up.
    type: list
    elements: str
    default: []
  tables:
    description: Single tables to back up, as C(database.table).
    type: list
    elements: str
    default: []
  exclude_tables:
    description: Tables to leave out, as C(database.table), of one of O(databases). ClickHouse's grammar allows only one.
    type: list
    elements: str
    default: []
  partitions:
    description: Partitions by table of O(tables). Of other tables all partitions are backed up.
    type: dict
    default: {}
  access_entities:
    description: Whether users, roles, quotas, settings profiles and row policies are backed up too.
    type: bool
    default: false
  cluster:
    description: Back up or restore on all hosts of this cluster (C(ON CLUSTER)).
    type: str
  base:
    description:
      - The base of an incremental backup, which is the name of a backup, or V(none) for a full one.
      - V(auto) takes the newest sound backup of the same databases and tables whose chain has room, or makes a full one.
      - A base is verified by its list before it is used. A chain in which a verification found faults isn't built on.
      - A backup of the same databases and tables that the server is writing is waited for first, and one without a record gets
        it.
    type: str
    default: auto
  max_chain:
    description: Number of backups that a chain may have, with the full one.
    type: int
    default: 7
  verify:
    description:
      - V(list) compares the description with what S3 lists.
      - V(bytes) also reads every object, and compares the engine's own checksums. It needs the library C(clickhouse-cityhash).
      - V(scratch) restores the parts of each table into a plain table of a scratch database, compares their hashes with the
        recorded ones, and reads them with C(CHECK TABLE). No view, queue or dictionary is created, and no production table is
        touched.
      - Tables that it can't compare are returned in RV(backup.uncompared).
    type: str
    choices: [list, bytes, scratch]
    default: list
  verified_within:
    description:
      - Age in seconds up to which an earlier verification by the same method is enough.
      - The list is checked in any case.
    type: int
    default: 0
  restore:
    description: What to restore, and how.
    type: dict
    default: {}
    suboptions:
      databases:
        description:
          - New names by database. Other databases keep their names.
          - Of a materialized view only the rows are restored under a new name, into a plain table. What has no rows of its own and
            acts by itself, such as a queue or a dictionary, is left out, see O(restore.live_objects).
        type: dict
        default: {}
      tables:
        description: Restore these tables only, as C(database.table).
        type: list
        elements: str
        default: []
      partitions:
        description: Restore these partitions only, by table of O(restore.tables).
        type: dict
        default: {}
      structure_only:
        description: Create the tables without their data.
        type: bool
        default: false
      live_objects:
        description:
          - Whether materialized views, queues, dictionaries and tables that lead elsewhere are created under a new name too.
          - They act at once. A view takes each row that is inserted into its source, and a queue consumes messages, in production.
        type: bool
        default: false
        version_added: 0.2.0
      on_existing:
        description:
          - What to do where a table holds rows that aren't the backup's.
          - With V(append) the backup's rows are added in any case, which duplicates those that are there.
        type: str
        choices: [fail, append]
        default: fail
  copy_to:
    description: Where O(state=copied) copies to.
    type: dict
    suboptions:
      region:
        description: Region of the bucket.
        type: str
        required: true
      bucket:
        description: The bucket.
        type: str
        required: true
      prefix:
        description: Prefix of the keys there. Default is O(prefix).
        type: str
  retention:
    description: Which backups O(state=pruned) keeps. Those are what either rule keeps, and every base that these need.
    type: dict
    suboptions:
      keep_last:
        description: Number of the newest sound backups to keep.
        type: int
      keep_days:
        description: Age in days up to which sound backups are kept.
        type: int
  max_bandwidth:
    description: Limit of the backup or restore in bytes per second. V(0) sets none.
    type: int
    default: 0
  wait:
    description: Whether O(state=present) waits for the backup's end. Without it, run again to record its contents.
    type: bool
    default: true
  timeout:
    description: Seconds to wait for a backup or restore. It goes on after that.
    type: int
    default: 3600
  stale_after:
    description:
      - Seconds without a write after which an unfinished backup of another server counts as abandoned, and any may be removed.
      - An abandoned backup of the same server is recognized at once.
    type: int
    default: 600
extends_documentation_fragment:
  - knowledgecity.platform.clickhouse
  - knowledgecity.platform.regional
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: knowledgecity.platform.clickhouse_backup_info
notes:
  - O(cluster) and O(access_entities) have not been tested against a real cluster yet.
"""

EXAMPLES = r"""
- name: Back up the reporting database
  knowledgecity.platform.clickhouse_backup:
    login_host: clickhouse.reporting.internal
    login_user: backup_operator
    login_password: "{{ clickhouse_password }}"
    bucket: kc-production-me-west-1-storage-backups
    name: "reporting-{{ now(utc=true).strftime('%Y%m%d') }}"
    databases: [reporting]
    exclude_tables: [reporting.staging]

- name: Verify that it can be restored
  knowledgecity.platform.clickhouse_backup:
    login_host: clickhouse.reporting.internal
    login_user: backup_operator
    login_password: "{{ clickhouse_password }}"
    bucket: kc-production-me-west-1-storage-backups
    name: reporting-20261125
    state: verified
    verify: scratch

- name: Copy it to the other region with all its bases
  knowledgecity.platform.clickhouse_backup:
    bucket: kc-production-me-west-1-storage-backups
    name: reporting-20261125
    state: copied
    copy_to:
      region: eu-central-1
      bucket: kc-production-eu-central-1-storage-backups

- name: Restore it beside the original
  knowledgecity.platform.clickhouse_backup:
    login_host: clickhouse.reporting.internal
    login_user: backup_operator
    login_password: "{{ clickhouse_password }}"
    bucket: kc-production-me-west-1-storage-backups
    name: reporting-20261125
    state: restored
    restore:
      databases: {reporting: reporting_restored}

- name: Keep the ten newest, and those younger than 30 days
  knowledgecity.platform.clickhouse_backup:
    bucket: kc-production-me-west-1-storage-backups
    state: pruned
    retention:
      keep_last: 10
      keep_days: 30
"""

RETURN = r"""
backup:
  description: The backup as it was read last; in check mode as it was found. Sizes are bytes.
  returned: success, except with O(state=pruned)
  type: dict
  contains:
    name:
      description: Its name.
      type: str
    exists:
      description: Whether its description is complete.
      type: bool
    uuid:
      description: The engine's identifier of it.
      type: str
    base:
      description: Name of its base, if any.
      type: str
    chain:
      description: Its own name and those of all its bases, newest first.
      type: list
      elements: str
    files:
      description: Number of files that a restore brings back.
      type: int
    bytes:
      description: Size of these files.
      type: int
    stored_files:
      description: Number of objects that it stored itself, not in its base.
      type: int
    stored_bytes:
      description: Size of these objects.
      type: int
    duration:
      description: Seconds from its request to its end, by S3's clock.
      type: float
    created:
      description: When it was finished, by S3's clock.
      type: str
    tables:
      description: Number of rows and hash of each table.
      type: dict
    uncompared:
      description: Tables with rows that no restore can be compared with, and the reasons.
      type: list
      elements: dict
      version_added: 0.2.0
    verdict:
      description: V(proven) or V(unsound) by what was found last by reading it, or V(unverified) before that.
      type: str
      version_added: 0.2.0
    verified_at:
      description: When it was last found sound, if ever.
      type: str
    verified_by:
      description: Methods by which it was found sound.
      type: list
      elements: str
    faults:
      description: What is wrong with it by the list.
      type: list
      elements: str
  sample:
    name: reporting-20261125
    exists: true
    uuid: f6d2b7d9-c9db-40db-9ca9-0f2af0750ee9
    base: reporting-20261124
    chain: [reporting-20261125, reporting-20261124]
    files: 70
    bytes: 1422318
    stored_files: 12
    stored_bytes: 20110
    duration: 3.0
    verified_at: "2026-11-25T03:00:00+00:00"
    uncompared: [{table: reporting.cache, reason: "ClickHouse backs up no rows of the engine Join"}]
    verdict: proven
    verified_by: [scratch]
verdict:
  description:
    - V(unsound) where the backup has faults. V(unverified) where nothing is known of it, since it could not be verified.
  returned: when O(state=verified) fails
  type: str
  version_added: 0.2.0
left_out:
  description: What was not restored under a new name, since it would act by itself, and the reasons.
  returned: with O(state=restored)
  type: list
  elements: dict
  version_added: 0.2.0
  sample: [{table: reporting.clicks_queue, reason: "TABLE Kafka acts by itself, or leads to the original"}]
foreign:
  description: Names of what is beside the backups and was not made by this module. It is never removed by O(state=pruned).
  returned: with O(state=pruned)
  type: list
  elements: str
  version_added: 0.2.0
  sample: [manual]
faults:
  description: All that is wrong with the backup.
  returned: when it is not sound
  type: list
  elements: str
changes:
  description: What was changed, or in check mode would be.
  returned: success
  type: list
  elements: dict
  sample: [{action: create, resource: backup reporting-20261125}]
"""

import typing as t

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import RegionalClients, regional_module
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse.connection import LOGIN_OPTIONS
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.checksum import CITYHASH_ERROR
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.faults import (
    UnsoundError,
    UnverifiedError,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.options import check_options
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.results import backup_result
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.retention import foreign
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.states import (
    BackupReconciler,
    StateFactory,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import converge, describe

# Seconds until S3 has to show what was written, after the engine has finished.
_READ_AGAIN = 30.0

_RESTORE = {
    "databases": {"type": "dict", "default": {}},
    "tables": {"type": "list", "elements": "str", "default": []},
    "partitions": {"type": "dict", "default": {}},
    "structure_only": {"type": "bool", "default": False},
    "live_objects": {"type": "bool", "default": False},
    "on_existing": {"type": "str", "choices": ["fail", "append"], "default": "fail"},
}

_OPTIONS: dict[str, t.Any] = {
    "name": {"type": "str"},
    "state": {
        "type": "str",
        "choices": ["present", "verified", "restored", "copied", "absent", "pruned"],
        "default": "present",
    },
    "bucket": {"type": "str", "required": True},
    "prefix": {"type": "str", "default": "clickhouse/"},
    "collection": {"type": "str", "default": "backups"},
    "databases": {"type": "list", "elements": "str", "default": []},
    "tables": {"type": "list", "elements": "str", "default": []},
    "exclude_tables": {"type": "list", "elements": "str", "default": []},
    "partitions": {"type": "dict", "default": {}},
    "access_entities": {"type": "bool", "default": False},
    "cluster": {"type": "str"},
    "base": {"type": "str", "default": "auto"},
    "max_chain": {"type": "int", "default": 7},
    "verify": {"type": "str", "choices": ["list", "bytes", "scratch"], "default": "list"},
    "verified_within": {"type": "int", "default": 0},
    "restore": {"type": "dict", "default": {}, "options": _RESTORE, "apply_defaults": True},
    "copy_to": {
        "type": "dict",
        "options": {
            "region": {"type": "str", "required": True},
            "bucket": {"type": "str", "required": True},
            "prefix": {"type": "str"},
        },
    },
    "retention": {"type": "dict", "options": {"keep_last": {"type": "int"}, "keep_days": {"type": "int"}}},
    "max_bandwidth": {"type": "int", "default": 0},
    "wait": {"type": "bool", "default": True},
    "timeout": {"type": "int", "default": 3600},
    "stale_after": {"type": "int", "default": 600},
}


def main() -> None:
    module = regional_module(
        _OPTIONS | LOGIN_OPTIONS,
        required_if=[
            *(("state", state, ["name"]) for state in ("present", "verified", "restored", "absent")),
            ("state", "copied", ["name", "copy_to"]),
            ("state", "pruned", ["retention"]),
        ],
    )
    options = module.params
    if CITYHASH_ERROR and options["state"] == "verified" and options["verify"] == "bytes":
        module.fail_json(msg=missing_required_lib("clickhouse-cityhash"), exception=str(CITYHASH_ERROR))
    try:
        check_options(options)
        factory = StateFactory(options, RegionalClients(module), module.log)
        factory.store.check_bucket()
        reconciler = factory.reconciler()
        changes, current = converge(reconciler, check_mode=module.check_mode, timeout=_READ_AGAIN)
    except UnsoundError as error:
        module.fail_json(msg=str(error), faults=error.faults, verdict="unsound")
    except UnverifiedError as error:
        module.fail_json(msg=str(error), verdict="unverified")
    except PlatformError as error:
        module.fail_json(msg=str(error))
    module.exit_json(**_result(module, reconciler, current), **describe(changes))


def _result(module: t.Any, reconciler: BackupReconciler, current: t.Any) -> dict[str, t.Any]:
    backups, state, name = reconciler.backups(current), module.params["state"], module.params["name"]
    if state == "pruned":
        return {"foreign": foreign(backups)}
    result: dict[str, t.Any] = {"backup": backup_result(backups, name)}
    if state in ("present", "verified"):
        for table in result["backup"].get("uncompared", []):
            module.warn(f"Of the backup {name}, {table['table']} can't be proven: {table['reason']}")
    if state == "restored":
        result["left_out"] = [{"table": table, "reason": why} for table, why in sorted(current.left_out.items())]
    return result


if __name__ == "__main__":
    main()
