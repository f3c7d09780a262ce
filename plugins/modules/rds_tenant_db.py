#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: rds_tenant_db
short_description: Keep tenants' schemas on a shared MySQL instance of RDS
version_added: 0.2.0
author:
  - KnowledgeCity platform contributors (@knowledgecity)
description:
  - Each tenant has a schema of its own, and a user of the same name who may use that schema and nothing else, by TLS only.
  - A whole list of tenants is kept in one call. All are read with at most five queries, and only those that differ are changed, in
    batches.
  - A tenant's password stands in a secret of its own, and is there before it is set. A run that was cut off in between is completed
    by the next one.
  - Rights that somebody gave a tenant's user by hand are taken back.
  - Schemas and users that are there already are taken over; no data are touched.
  - Must run where the server can be reached, such as on the runner of its region. Needs PyMySQL there.
options:
  host:
    description: Endpoint of the instance. The server's certificate must name it.
    type: str
    required: true
  port:
    description: Port of the instance.
    type: int
    default: 3306
  address:
    description: Where O(host) is reached if not by its name, such as the end of a tunnel; C(address) or C(address:port).
    type: str
  tls_ca:
    description: File with the certificate authorities that are trusted, such as RDS's own. Without it the system's are.
    type: path
  admin_secret:
    description: Name of the secret with C(username) and C(password), such as M(knowledgecity.platform.rds_master_secret) makes it.
    type: str
    required: true
  tenants:
    description: The tenants. Others are left alone.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the tenant, of small letters and digits, so that no grant can hold a wildcard.
        type: str
        required: true
      state:
        description:
          - With V(present) the tenant can work.
          - With V(locked) its user can't log in, and its sessions are ended.
          - With V(absent) schema, user and secret are removed, after O(final_snapshot) was taken.
        type: str
        choices: [present, locked, absent]
        default: present
      privileges:
        description: What the user may do with its schema.
        type: list
        elements: str
        default:
          - ALTER
          - CREATE
          - CREATE TEMPORARY TABLES
          - CREATE VIEW
          - DELETE
          - DROP
          - EXECUTE
          - INDEX
          - INSERT
          - LOCK TABLES
          - REFERENCES
          - SELECT
          - SHOW VIEW
          - TRIGGER
          - UPDATE
      max_connections:
        description: How many sessions the user may have at once.
        type: int
        default: 20
      max_queries_per_hour:
        description: How many statements the user may send in an hour, 0 for any number.
        type: int
        default: 0
      password_lifetime_days:
        description: Days until a password expires, 0 for never. See O(rotate).
        type: int
        default: 0
      protected:
        description: Whether the tenant can't be removed.
        type: bool
        default: false
  name_prefix:
    description: What schemas and users begin with, before the tenant's name; small letters and digits.
    type: str
    default: tenant
  secret_prefix:
    description: What the names of the tenants' secrets begin with.
    type: str
    required: true
  secret_kms_key:
    description: Key that encrypts the secrets, by ARN, key ID or alias.
    type: str
  secret_replicas:
    description: Other regions that have the secrets of new tenants, too.
    type: list
    elements: dict
    default: []
    suboptions:
      region:
        description: Region of the replica.
        type: str
        required: true
      kms_key:
        description: Key of that region.
        type: str
  secret_tags:
    description: Tags of new secrets.
    type: dict
    default: {}
  rotate:
    description:
      - With V(start) every tenant gets a new password, and the one before works on. Tenants that have two already are left alone.
      - With V(finish) only the new ones work.
    type: str
    choices: [none, start, finish]
    default: none
  instance:
    description: Identifier of the instance, for O(final_snapshot).
    type: str
  final_snapshot:
    description: Name of a snapshot of the instance that is taken before tenants are removed. Required where one is V(absent).
    type: str
  recovery_window:
    description: Days from 7 to 30 that the secret of a removed tenant can be taken back.
    type: int
    default: 7
  wait_timeout:
    description: Seconds to wait for the snapshot, and until what is read back is what is wanted.
    type: int
    default: 900
extends_documentation_fragment:
  - knowledgecity.platform.regional
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
requirements:
  - PyMySQL
seealso:
  - module: knowledgecity.platform.rds_master_secret
"""

EXAMPLES = r"""
- name: Keep the tenants
  knowledgecity.platform.rds_tenant_db: &shared
    host: kc-production-me-west-1-database.c0123456789a.me-west-1.rds.amazonaws.com
    tls_ca: /etc/ssl/certs/rds-global-bundle.pem
    admin_secret: kc-production/database/master
    secret_prefix: kc-production/database/tenants/
    secret_kms_key: alias/kc-production-me-west-1-data
    tenants:
      - name: acme
        max_connections: 50
      - name: globex
        state: locked
  delegate_to: "{{ groups['runner_me_west_1'] | last }}"

- name: Give everybody a new password; the old ones work on
  knowledgecity.platform.rds_tenant_db:
    <<: *shared
    rotate: start

- name: Remove a tenant
  knowledgecity.platform.rds_tenant_db:
    host: kc-production-me-west-1-database.c0123456789a.me-west-1.rds.amazonaws.com
    tls_ca: /etc/ssl/certs/rds-global-bundle.pem
    admin_secret: kc-production/database/master
    secret_prefix: kc-production/database/tenants/
    instance: kc-production-me-west-1-database
    final_snapshot: last-of-initech
    tenants:
      - name: initech
        state: absent
"""

RETURN = r"""
tenants:
  description: The tenants as they were read last, without those that are gone.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the tenant.
      type: str
    schema:
      description: Its schema, which its user is named after.
      type: str
    secret:
      description: Name of its secret.
      type: str
    locked:
      description: Whether it can't log in.
      type: bool
    two_passwords:
      description: Whether a rotation was started and not finished.
      type: bool
  sample:
    - name: acme
      schema: tenantacme
      secret: kc-production/database/tenants/acme
      locked: false
      two_passwords: false
queries:
  description: How many queries the first read took.
  returned: success
  type: int
  sample: 4
tenants_done:
  description: The tenants that were changed before something went wrong.
  returned: failure
  type: list
  elements: str
changes:
  description: What was changed, or in check mode would be.
  returned: success
  type: list
  elements: dict
  sample: [{action: create, resource: tenant acme}, {action: update, resource: tenant globex}]
"""

import typing as t

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import RegionalClients, regional_module
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import judge
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.connection import (
    PYMYSQL_ERROR,
    connector,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.credentials import read_login
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change, converge, describe
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants import snapshot
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.model import (
    State,
    Wanted,
    check,
    plan,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.secrets import TenantSecrets
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.server import TenantServer

_PRIVILEGES = [
    "ALTER",
    "CREATE",
    "CREATE TEMPORARY TABLES",
    "CREATE VIEW",
    "DELETE",
    "DROP",
    "EXECUTE",
    "INDEX",
    "INSERT",
    "LOCK TABLES",
    "REFERENCES",
    "SELECT",
    "SHOW VIEW",
    "TRIGGER",
    "UPDATE",
]
_TENANT = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "locked", "absent"], "default": "present"},
    "privileges": {"type": "list", "elements": "str", "default": _PRIVILEGES},
    "max_connections": {"type": "int", "default": 20},
    "max_queries_per_hour": {"type": "int", "default": 0},
    "password_lifetime_days": {"type": "int", "default": 0, "no_log": False},
    "protected": {"type": "bool", "default": False},
}
_REPLICA = {"region": {"type": "str", "required": True}, "kms_key": {"type": "str", "no_log": False}}


class Work:
    """What the module does in its steps, and how far it got."""

    def __init__(self, parameters: dict[str, t.Any], clients: RegionalClients, entries: list[Wanted]):
        self._parameters = parameters
        self._clients = clients
        self._entries = entries
        self._renewed: set[str] = set()
        self.done: list[str] = []
        self.queries = 0
        manager = clients.client("secretsmanager")
        self._secrets = TenantSecrets(
            manager,
            parameters["secret_prefix"],
            parameters["secret_kms_key"],
            {item["region"]: item["kms_key"] for item in parameters["secret_replicas"]},
            {key: str(value) for key, value in parameters["secret_tags"].items()},
            parameters["host"],
        )
        connect = connector(parameters["host"], parameters["port"], parameters["address"], parameters["tls_ca"])
        self._server = TenantServer(connect, *read_login(manager, parameters["admin_secret"]), place=parameters["host"])

    def read(self) -> State:
        state = self._server.read(self._entries, self._secrets.versions())
        self.queries = self.queries or self._server.queries
        return state

    def plan(self, state: State) -> list[Change]:
        return plan(self._entries, state, self._parameters["rotate"], self._renewed)

    def apply(self, steps: list[Change], state: State) -> None:
        parameters = self._parameters
        removed = [step.wanted.name for step in steps if step.action == "delete"]
        if removed:
            rds = self._clients.client("rds")
            snapshot.take(rds, parameters["instance"], parameters["final_snapshot"], parameters["wait_timeout"])
        self._renewed.update(step.wanted.name for step in steps if step.secret)
        credentials = self._secrets.prepare(steps, state.secrets)
        for names in self._server.apply(steps, credentials):
            self.done += names
        self._secrets.remove([name for name in removed if name in state.secrets], parameters["recovery_window"])

    def tenants(self, state: State) -> list[dict[str, t.Any]]:
        """What may be told of those that are there."""
        return [
            {
                "name": entry.name,
                "schema": entry.account,
                "secret": f"{self._parameters['secret_prefix']}{entry.name}",
                "locked": state.users[entry.account].settings["locked"],
                "two_passwords": state.users[entry.account].two_passwords,
            }
            for entry in self._entries
            if entry.account in state.users
        ]


def main() -> None:
    module = regional_module(
        {
            "host": {"type": "str", "required": True},
            "port": {"type": "int", "default": 3306},
            "address": {"type": "str"},
            "tls_ca": {"type": "path"},
            "admin_secret": {"type": "str", "required": True, "no_log": False},
            "tenants": {"type": "list", "elements": "dict", "required": True, "options": _TENANT},
            "name_prefix": {"type": "str", "default": "tenant"},
            "secret_prefix": {"type": "str", "required": True, "no_log": False},
            "secret_kms_key": {"type": "str", "no_log": False},
            "secret_replicas": {
                "type": "list",
                "elements": "dict",
                "default": [],
                "options": _REPLICA,
                "no_log": False,
            },
            "secret_tags": {"type": "dict", "default": {}, "no_log": False},
            "rotate": {"type": "str", "choices": ["none", "start", "finish"], "default": "none"},
            "instance": {"type": "str"},
            "final_snapshot": {"type": "str"},
            "recovery_window": {"type": "int", "default": 7},
            "wait_timeout": {"type": "int", "default": 900},
        },
        required_by={"final_snapshot": ["instance"]},
    )
    if PYMYSQL_ERROR:
        module.fail_json(msg=missing_required_lib("PyMySQL"), exception=PYMYSQL_ERROR)
    parameters = module.params
    entries = [
        Wanted(
            prefix=parameters["name_prefix"],
            privileges=frozenset(name.upper() for name in item["privileges"]),
            **{key: value for key, value in item.items() if key != "privileges"},
        )
        for item in parameters["tenants"]
    ]
    work = None
    try:
        findings = check(entries, has_final_snapshot=bool(parameters["final_snapshot"]))
        judge(findings, check_mode=module.check_mode, skip_unavailable=False).enforce()
        work = Work(parameters, RegionalClients(module), entries)
        changes, state = converge(
            check_mode=module.check_mode,
            read=work.read,
            plan=work.plan,
            apply=work.apply,
            timeout=parameters["wait_timeout"],
        )
    except PlatformError as error:
        done = work.done if work else []
        rest = f" {len(done)} tenants were changed before; run again for the others." if done else ""
        module.fail_json(msg=f"{error}{rest}", tenants_done=done)
    module.exit_json(tenants=work.tenants(state), queries=work.queries, **describe(changes))


if __name__ == "__main__":
    main()
