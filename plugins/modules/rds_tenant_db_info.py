#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: rds_tenant_db_info
short_description: Tell which tenants a shared MySQL instance of RDS has
version_added: 0.2.0
author:
  - KnowledgeCity platform contributors (@knowledgecity)
description:
  - Lists the tenants that M(knowledgecity.platform.rds_tenant_db) made, with their limits and rights, in a handful of queries.
  - No password is read.
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
  name_prefix:
    description: What schemas and users begin with, before the tenant's name.
    type: str
    default: tenant
  tenants:
    description: Names of the tenants to tell of. Without it all are.
    type: list
    elements: str
extends_documentation_fragment:
  - knowledgecity.platform.regional
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
requirements:
  - PyMySQL
seealso:
  - module: knowledgecity.platform.rds_tenant_db
"""

EXAMPLES = r"""
- name: List the tenants
  knowledgecity.platform.rds_tenant_db_info:
    host: kc-production-me-west-1-database.c0123456789a.me-west-1.rds.amazonaws.com
    tls_ca: /etc/ssl/certs/rds-global-bundle.pem
    admin_secret: kc-production/database/master
  delegate_to: "{{ groups['runner_me_west_1'] | last }}"
"""

RETURN = r"""
tenants:
  description: The tenants by name.
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
    schema_exists:
      description: Whether the schema is there.
      type: bool
    locked:
      description: Whether it can't log in.
      type: bool
    two_passwords:
      description: Whether a rotation was started and not finished.
      type: bool
    privileges:
      description: What its user may do with its schema.
      type: list
      elements: str
    max_connections:
      description: How many sessions the user may have at once.
      type: int
    max_queries_per_hour:
      description: How many statements it may send in an hour, 0 for any number.
      type: int
    other_rights:
      description: Whether its user may more than it should, elsewhere.
      type: bool
    secret_version:
      description: The version of its secret that is its password.
      type: str
  sample:
    - name: acme
      schema: tenantacme
      schema_exists: true
      locked: false
      two_passwords: false
      privileges: [SELECT]
      max_connections: 20
      max_queries_per_hour: 0
      other_rights: false
      secret_version: 0f1e2d3c-0f1e-2d3c-4b5a-0f1e2d3c4b5a
queries:
  description: How many queries it took.
  returned: success
  type: int
  sample: 5
"""

import typing as t

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import RegionalClients, regional_module
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.connection import (
    PYMYSQL_ERROR,
    connector,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.credentials import read_login
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.model import State, Wanted
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.server import TenantServer


def _entry(name: str, prefix: str) -> Wanted:
    """To read a tenant only its name is needed."""
    return Wanted(name, prefix, "present", frozenset(), 0, 0, 0, protected=False)


def _told(entry: Wanted, state: State) -> dict[str, t.Any]:
    user = state.users[entry.account]
    settings = {
        name: user.settings[name] for name in ("locked", "privileges", "max_connections", "max_queries_per_hour")
    }
    return settings | {
        "name": entry.name,
        "schema": entry.account,
        "schema_exists": entry.account in state.schemas,
        "two_passwords": user.two_passwords,
        "other_rights": user.strays,
        "secret_version": user.secret_version,
    }


def main() -> None:
    module = regional_module(
        {
            "host": {"type": "str", "required": True},
            "port": {"type": "int", "default": 3306},
            "address": {"type": "str"},
            "tls_ca": {"type": "path"},
            "admin_secret": {"type": "str", "required": True, "no_log": False},
            "name_prefix": {"type": "str", "default": "tenant"},
            "tenants": {"type": "list", "elements": "str"},
        }
    )
    if PYMYSQL_ERROR:
        module.fail_json(msg=missing_required_lib("PyMySQL"), exception=PYMYSQL_ERROR)
    parameters, prefix = module.params, module.params["name_prefix"]
    try:
        login = read_login(RegionalClients(module).client("secretsmanager"), parameters["admin_secret"])
        connect = connector(parameters["host"], parameters["port"], parameters["address"], parameters["tls_ca"])
        server = TenantServer(connect, *login, place=parameters["host"])
        names = server.names(prefix)
        if parameters["tenants"] is not None:
            names = [name for name in names if name in parameters["tenants"]]
        entries = [_entry(name, prefix) for name in names]
        state = server.read(entries, {})
    except PlatformError as error:
        module.fail_json(msg=str(error))
    module.exit_json(
        changed=False,
        tenants=[_told(entry, state) for entry in entries if entry.account in state.users],
        queries=server.queries,
    )


if __name__ == "__main__":
    main()
