#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: rds_tenant_restore
short_description: Restore one tenant's schema out of an instance that was restored beside a shared one
version_added: 0.2.0
author:
  - KnowledgeCity platform contributors (@knowledgecity)
description:
  - Copies one schema from a restored instance (M(knowledgecity.platform.rds_instance_restore)) into a new schema of the instance
    that takes writes, and compares both, row by row. Only then, in a run of its own, it puts the new schema in the tenant's place.
    Nothing of other tenants is read or changed.
  - Rows go from server to server through this module. No client program is needed, nothing is written to a disk, and no password
    is on a command line.
  - The switch moves all tables in one statement, which takes no time that depends on their size. What the tenant's schema held by
    then is kept in another schema.
  - Views, routines, triggers and events are created by the switch. Accounts that define some of them and don't exist are created
    before, locked and without a privilege.
  - The accounts and privileges of tenants are not restored. M(knowledgecity.platform.rds_tenant_db) manages them.
  - Must run where both servers can be reached, such as on the runner of their region. Needs PyMySQL there.
options:
  state:
    description:
      - V(loaded) loads the schema into O(restored_schema) and compares it. The tenant's own schema is not touched.
      - V(switched) puts it in the tenant's place. The tenant must be locked, without sessions, or dropped.
      - V(absent) removes O(restored_schema), and forgets a switch.
    type: str
    choices: [loaded, switched, absent]
    default: loaded
  host:
    description: Endpoint of the instance that takes writes. The server's certificate must name it.
    type: str
    required: true
  admin_secret:
    description: Name of the secret with C(username) and C(password) of the master user of both instances.
    required: true
  source_host:
    description: Endpoint of the restored instance. Required where O(state) is V(loaded) or V(switched).
    type: str
  source_address:
    description: Where O(source_host) is reached if not by its name, as in O(address).
    type: str
  schema:
    description: The tenant's schema.
    type: str
    required: true
  account:
    description: The tenant's user, which must not write during the switch. By default it has the schema's name.
    type: str
  restored_schema:
    description: Schema that the rows are loaded into. By default C(restored_) and the name of O(schema).
    type: str
  replaced_schema:
    description: Schema that keeps what the switch replaces. By default C(replaced_) and the name of O(schema).
    type: str
  parallel:
    description: Number of tables that are copied at the same time.
    type: int
    default: 2
  timeout:
    description: Seconds that a single table may take to be copied or compared.
    type: int
    default: 14400
extends_documentation_fragment:
  - knowledgecity.platform.mysql
  - knowledgecity.platform.mysql.server
  - knowledgecity.platform.regional
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
requirements:
  - PyMySQL
seealso:
  - module: knowledgecity.platform.rds_instance_restore
  - module: knowledgecity.platform.rds_tenant_db
"""

EXAMPLES = r"""
- name: Load a tenant as it was before a mistake, beside what it is now
  knowledgecity.platform.rds_tenant_restore:
    host: kc-production-me-west-1-database.c0123456789a.me-west-1.rds.amazonaws.com
    source_host: kc-production-me-west-1-database-restored.c0123456789a.me-west-1.rds.amazonaws.com
    tls_ca: /etc/ssl/certs/rds-global-bundle.pem
    admin_secret: kc-production/database/master
    schema: tenantacme
  delegate_to: "{{ groups['runner_me_west_1'] | last }}"

- name: Put it in the tenant's place
  knowledgecity.platform.rds_tenant_restore:
    state: switched
    host: kc-production-me-west-1-database.c0123456789a.me-west-1.rds.amazonaws.com
    source_host: kc-production-me-west-1-database-restored.c0123456789a.me-west-1.rds.amazonaws.com
    tls_ca: /etc/ssl/certs/rds-global-bundle.pem
    admin_secret: kc-production/database/master
    schema: tenantacme
  delegate_to: "{{ groups['runner_me_west_1'] | last }}"
"""

RETURN = r"""
restore:
  description: How far the restore is.
  returned: success
  type: dict
  contains:
    schema:
      description: The tenant's schema.
      type: str
    restored_schema:
      description: The schema that was loaded, or none.
      type: str
    replaced_schema:
      description: The schema that keeps what was replaced, or none.
      type: str
    stage:
      description: One of V(loading), V(loaded), V(switching) and V(switched), or none.
      type: str
  sample: {schema: tenantacme, restored_schema: restored_tenantacme, replaced_schema: null, stage: loaded}
comparison:
  description: What this run loaded and compared. None where it loaded nothing.
  returned: success
  type: dict
  contains:
    tables:
      description: Number of tables.
      type: int
    rows:
      description: Number of rows, all of them equal.
      type: int
  sample: {tables: 41, rows: 1830211}
seconds:
  description: How long this run took.
  returned: success
  type: float
  sample: 212.7
changes:
  description: What was changed, or in check mode would be.
  returned: success
  type: list
  elements: dict
  sample: [{action: load, resource: schema restored_tenantacme}]
"""

import time

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import RegionalClients, regional_module
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.connection import (
    MYSQL_OPTIONS,
    PYMYSQL_ERROR,
    SERVER_OPTIONS,
    connector,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.credentials import read_login
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import converge, describe
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_restore.model import Wanted
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_restore.reconciler import (
    TenantRestoreReconciler,
)

_OPTIONS = (
    MYSQL_OPTIONS
    | SERVER_OPTIONS
    | {
        "state": {"type": "str", "choices": ["loaded", "switched", "absent"], "default": "loaded"},
        "host": {"type": "str", "required": True},
        "admin_secret": {"type": "str", "required": True, "no_log": False},
        "source_host": {"type": "str"},
        "source_address": {"type": "str"},
        "schema": {"type": "str", "required": True},
        "account": {"type": "str"},
        "restored_schema": {"type": "str"},
        "replaced_schema": {"type": "str"},
        "parallel": {"type": "int", "default": 2},
        "timeout": {"type": "int", "default": 14400},
    }
)


def main() -> None:
    needs_source = ["source_host"]
    module = regional_module(
        _OPTIONS, required_if=[("state", "loaded", needs_source), ("state", "switched", needs_source)]
    )
    if PYMYSQL_ERROR:
        module.fail_json(msg=missing_required_lib("PyMySQL"), exception=PYMYSQL_ERROR)
    parameters, check_mode, started = module.params, module.check_mode, time.monotonic()
    schema, host, source_host = parameters["schema"], parameters["host"], parameters["source_host"]
    wanted = Wanted(
        parameters["state"],
        schema,
        parameters["account"] or schema,
        parameters["restored_schema"] or f"restored_{schema}",
        parameters["replaced_schema"] or f"replaced_{schema}",
        source_host or "",
    )
    try:
        login = read_login(RegionalClients(module).client("secretsmanager"), parameters["admin_secret"])

        def opener(name: str, address: str | None):
            connect = connector(
                name, parameters["port"], address, parameters["tls_ca"], read_timeout=float(parameters["timeout"])
            )
            return lambda: connect(*login)

        reconciler = TenantRestoreReconciler(
            wanted,
            opener(source_host, parameters["source_address"]) if wanted.state != "absent" else None,
            opener(host, parameters["address"]),
            host,
            parallel=parameters["parallel"],
            check_mode=check_mode,
        )
        changes, state = converge(reconciler, check_mode=check_mode, timeout=0)
    except PlatformError as error:
        module.fail_json(msg=str(error))
    module.exit_json(
        restore=reconciler.result(state),
        comparison=reconciler.comparison,
        seconds=round(time.monotonic() - started, 1),
        **describe(changes),
    )


if __name__ == "__main__":
    main()
