#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: clickhouse_backup
short_description: Back up ClickHouse to S3, prove backups sound, restore, copy and prune them
version_added: 0.2.0
author:
  - KnowledgeCity platform contributors (@knowledgecity)
description:
  - Drives ClickHouse's own C(BACKUP) and C(RESTORE) over its HTTP interface, full or incremental.
  - S3 is the source of truth. A backup is there when its description is complete and every object that it lists exists with its
    size. The server forgets its backups when it is restarted.
  - The server reaches S3 by a named collection. Neither keys nor addresses are in any statement, and so in no log, and a
    collection of the same name in another region makes a copied backup whole there.
  - A backup or restore goes on when the run is cut off. The next run waits for it, or cleans up what is left and starts anew.
  - In check mode S3 is only listed and read, and the server only selected from.
  - Backups that exist with O(state=restored) or O(state=verified) are looked at with all of their bases.
options:
  name:
    description:
      - Name of the backup. Required except with O(state=pruned).
      - Letters, digits, dots, dashes and underscores.
    type: str
  state:
    description:
      - With V(present) the backup exists, and what its tables held is recorded beside it.
      - With V(verified) it is proven sound by O(verify).
      - With V(restored) every table holds what was backed up.
      - With V(copied) it exists with all its bases in O(copy_to) too.
      - With V(absent) it is gone. The base of another backup isn't removed.
      - With V(pruned) the backups are gone that O(retention) doesn't keep, and unfinished ones that nobody wrote to for a day.
    type: str
    choices: [present, verified, restored, copied, absent, pruned]
    default: present
  login_host:
    description: Host of the ClickHouse server.
    type: str
    default: localhost
  collection:
    description:
      - Named collection on the server by which it reaches O(bucket) and O(prefix).
      - Its C(url) is that of the prefix. With an access key in it, or with none where the server runs under a role.
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
    description: Tables to leave out, as C(database.table), of one of O(databases). ClickHouse's grammar takes no more.
    type: list
    elements: str
    default: []
  partitions:
    description: Partitions by table of O(tables). Of a table that isn't named all are backed up.
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
      - What an incremental backup builds on. V(none) makes a full one; else the name of a backup.
      - V(auto) takes the newest sound one of the same databases and tables whose chain has room, or makes a full one.
      - A base is verified by its list before it is used.
    type: str
    default: auto
  max_chain:
    description: How many backups a chain may have, the full one included.
    type: int
    default: 7
  verify:
    description:
      - V(list) compares the description with what S3 lists.
      - V(bytes) also reads every object, and compares the engine's own checksums. It takes the library C(clickhouse-cityhash).
      - V(scratch) restores into scratch databases, and compares numbers of rows and hashes with those of the time of the backup.
    type: str
    choices: [list, bytes, scratch]
    default: list
  verified_within:
    description:
      - Take a verification by the same method that is younger than so many seconds for granted.
      - The list is looked at anyway.
    type: int
    default: 0
  restore:
    description: What is restored, and how.
    type: dict
    default: {}
    suboptions:
      databases:
        description: New names by database. A database that isn't named keeps its name.
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
        description: What the keys begin with there. Default is O(prefix).
        type: str
  retention:
    description: Which backups O(state=pruned) keeps. What either rule keeps stays, and every base that is needed.
    type: dict
    suboptions:
      keep_last:
        description: So many of the newest sound backups.
        type: int
      keep_days:
        description: Sound backups that are no older than so many days.
        type: int
  max_bandwidth:
    description: Bytes a second that the backup or restore may use. V(0) sets no limit.
    type: int
    default: 0
  wait:
    description: Whether O(state=present) waits for the backup's end. Without it, run again to have its contents recorded.
    type: bool
    default: true
  timeout:
    description: Seconds to wait for a backup or restore. It goes on after that.
    type: int
    default: 3600
  stale_after:
    description:
      - Seconds without a write after which an unfinished backup of another server counts as left behind.
      - What the same server left behind is known at once.
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
  - O(cluster) and O(access_entities) have not been proven against a real cluster yet.
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

- name: Prove that it can be restored
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

- name: Keep the ten newest, and what is younger than 30 days
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
      description: The engine's identity of it.
      type: str
    base:
      description: Name of the backup that it builds on, if any.
      type: str
    chain:
      description: Its own name and those of all its bases, newest first.
      type: list
      elements: str
    files:
      description: Number of files that it brings back.
      type: int
    bytes:
      description: Size of these files.
      type: int
    stored_files:
      description: Number of objects that it stored itself.
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
      description: Number of rows and hash of what each table held.
      type: dict
    verified_at:
      description: When it was last found sound, if ever.
      type: str
    verified_by:
      description: By which methods it was found sound.
      type: list
      elements: str
    faults:
      description: What the list shows to be wrong with it.
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
    verified_by: [scratch]
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

import re
import typing as t

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import RegionalClients, regional_module
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse.connection import (
    LOGIN_OPTIONS,
    connect,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.checksum import CITYHASH_ERROR
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.copying import Copying
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.engine import Engine
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.faults import UnsoundError
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.present import Present, Wanted
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.removal import Removal
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.restored import Restore
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.restoring import Choice, Naming
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.results import backup_result
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.selection import Selection
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.store import BackupStore
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.verified import Verification
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import converge, describe

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
# How long S3 may take to show what was written; the engine's own work is waited for before that.
_READ_AGAIN = 30.0

_RESTORE = {
    "databases": {"type": "dict", "default": {}},
    "tables": {"type": "list", "elements": "str", "default": []},
    "partitions": {"type": "dict", "default": {}},
    "structure_only": {"type": "bool", "default": False},
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


def _check_input(options: dict[str, t.Any]) -> None:
    problems = []
    if options["name"] is not None and not _NAME.fullmatch(options["name"]):
        problems.append(
            f"O(name) is {options['name']!r}: take letters, digits, dots, dashes and underscores, at most 100."
        )
    if options["max_chain"] < 1:
        problems.append("O(max_chain) must be at least 1, which makes full backups only.")
    if options["state"] == "present":
        problems += Selection.from_options(options).problems()
    problems += [f"O({name}) must not be negative." for name in ("max_bandwidth", "stale_after") if options[name] < 0]
    strange = set(options["restore"]["partitions"]) - set(options["restore"]["tables"])
    problems += [f"O(restore.partitions) has {name}, which isn't in O(restore.tables)." for name in sorted(strange)]
    problems += _retention_problems(options["retention"]) if options["state"] == "pruned" else []
    if problems:
        raise PlatformError(f"{' '.join(problems)} Nothing was changed.")


def _retention_problems(retention: dict[str, t.Any]) -> list[str]:
    given = {name: value for name, value in retention.items() if value is not None}
    if not given:
        return ["O(retention) keeps nothing: set O(retention.keep_last) or O(retention.keep_days)."]
    return [
        f"O(retention.{name}) is {value}, which would leave no backup: take at least 1."
        for name, value in given.items()
        if value < 1
    ]


class _Parts:
    """The objects that the states are made of."""

    def __init__(self, module: t.Any):
        self._options = module.params
        self._clients = RegionalClients(module)
        self.store = self._store(self._clients.region, self._options["bucket"], self._options["prefix"])
        self._say = module.log

    def _store(self, region: str, bucket: str, prefix: str) -> BackupStore:
        return BackupStore(self._clients.client("s3", region), bucket, prefix, region)

    def engine(self) -> Engine:
        options = self._options
        server = connect(options, options["timeout"])
        return Engine(server, timeout=options["timeout"], max_bandwidth=options["max_bandwidth"], say=self._say)

    def target(self) -> BackupStore:
        to = self._options["copy_to"]
        return self._store(to["region"], to["bucket"], to["prefix"] or self._options["prefix"])


def _present(options: dict[str, t.Any], parts: _Parts) -> Present:
    names = ("name", "collection", "base", "max_chain", "cluster", "stale_after", "wait")
    wanted = Wanted(selection=Selection.from_options(options), **{name: options[name] for name in names})
    return Present(wanted, parts.store, parts.engine())


def _verified(options: dict[str, t.Any], parts: _Parts) -> Verification:
    names = ("name", "verify", "verified_within", "collection")
    return Verification(*(options[name] for name in names), parts.store, parts.engine())


def _restored(options: dict[str, t.Any], parts: _Parts) -> Restore:
    restore = options["restore"]
    choice = Choice(
        naming=Naming(tuple(sorted(restore["databases"].items()))),
        tables=tuple(sorted(set(restore["tables"]))),
        partitions=tuple((name, tuple(map(str, values))) for name, values in sorted(restore["partitions"].items())),
        structure_only=restore["structure_only"],
        append=restore["on_existing"] == "append",
    )
    return Restore(options["name"], choice, options["collection"], options["cluster"], parts.store, parts.engine())


def _copied(options: dict[str, t.Any], parts: _Parts) -> Copying:
    target = parts.target()
    target.check_bucket()
    return Copying(options["name"], parts.store, target)


def _removed(options: dict[str, t.Any], parts: _Parts) -> Removal:
    if options["state"] == "absent":
        return Removal(parts.store, options["name"], None, None)
    return Removal(parts.store, None, options["retention"]["keep_last"], options["retention"]["keep_days"])


_STATES: dict[str, t.Callable[[dict[str, t.Any], _Parts], t.Any]] = {
    "present": _present,
    "verified": _verified,
    "restored": _restored,
    "copied": _copied,
    "absent": _removed,
    "pruned": _removed,
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
        _check_input(options)
        parts = _Parts(module)
        parts.store.check_bucket()
        state = _STATES[options["state"]](options, parts)
        changes, seen = converge(
            check_mode=module.check_mode, read=state.read, plan=state.plan, apply=state.apply, timeout=_READ_AGAIN
        )
        result = {} if options["state"] == "pruned" else {"backup": backup_result(state.found(seen), options["name"])}
    except UnsoundError as error:
        module.fail_json(msg=str(error), faults=error.faults)
    except PlatformError as error:
        module.fail_json(msg=str(error))
    module.exit_json(**result, **describe(changes))


if __name__ == "__main__":
    main()
