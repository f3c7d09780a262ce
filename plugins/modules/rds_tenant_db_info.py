#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: rds_tenant_db_info
short_description: Gather information about tenants on RDS for MySQL, and how they differ from what is wanted
version_added: 0.2.0
author:
  - KnowledgeCity platform contributors (@knowledgecity)
description:
  - Describes all tenants of a shared instance, in O(tenants) or not, with five queries however many they are, and dedicated
    instances by RDS's API, without connecting to their servers.
  - Reports the faults of each tenant, and for tenants in O(tenants) what M(knowledgecity.platform.rds_tenant_db) would change.
  - Changes nothing, and returns no secret's value.
  - Must run where the shared instance can be reached, such as on the runner of its region. Needs PyMySQL there. Without O(host) it
    connects to AWS only.
extends_documentation_fragment:
  - knowledgecity.platform.tenants
  - knowledgecity.platform.mysql
  - knowledgecity.platform.mysql.server
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
- name: Gather information about all tenants
  knowledgecity.platform.rds_tenant_db_info:
    host: kc-production-me-west-1-database.c0123456789a.me-west-1.rds.amazonaws.com
    tls_ca: /etc/ssl/certs/rds-global-bundle.pem
    admin_secret: kc-production/database/master
    secret_prefix: kc-production/database/tenants/
    instance: kc-production-me-west-1-database
    instance_name_prefix: kc-production-me-west-1-database-
  delegate_to: "{{ groups['runner_me_west_1'] | last }}"
  register: found

- name: Fail where a tenant has a fault
  ansible.builtin.assert:
    that: found.tenants | selectattr('faults') | list == []
"""

RETURN = r"""
tenants:
  description: The existing tenants as M(knowledgecity.platform.rds_tenant_db) returns them, with the values below.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the tenant.
      type: str
    isolation:
      description: Where its schema is, V(schema) or V(instance).
      type: str
    stated:
      description: Whether O(tenants) has it.
      type: bool
    sessions:
      description: Number of open sessions of its user, on the shared instance.
      type: int
    faults:
      description: What is wrong with it in any case, such as privileges beyond its schema.
      type: list
      elements: str
    drift:
      description:
        - What M(knowledgecity.platform.rds_tenant_db) would change, for tenants in O(tenants). For a dedicated instance only
          in RDS, not in its server.
      type: list
      elements: dict
    instance:
      description: Its dedicated instance.
      type: dict
    terraform:
      description: Import blocks of its dedicated instance, for Terraform 1.5 and later.
      type: str
    aws_cli:
      description: The commands that describe its dedicated instance, and that restore its settings.
      type: list
      elements: dict
  sample:
    - name: acme
      isolation: schema
      schema: tenantacme
      user: tenantacme
      secret: kc-production/database/tenants/acme
      locked: false
      two_passwords: false
      stated: true
      sessions: 3
      faults: [rights beyond its schema]
      drift:
        - action: update
          resource: tenant acme
          before: {max_connections: 20, other_rights: ["PROCESS ON *.*"], schema: tenantacme, user: tenantacme}
          after: {max_connections: 20, schema: tenantacme, user: tenantacme}
missing:
  description: Tenants in O(tenants) that should be there, and aren't.
  returned: success
  type: list
  elements: str
queries:
  description: Number of queries to the shared instance.
  returned: success
  type: int
  sample: 5
"""

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import RegionalClients, regional_module
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.connection import PYMYSQL_ERROR
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.entries import TENANTS_SPEC
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.observed import observe


def main() -> None:
    module = regional_module(TENANTS_SPEC, required_together=[("host", "admin_secret")])
    parameters = module.params
    if PYMYSQL_ERROR and parameters["host"]:
        module.fail_json(msg=missing_required_lib("PyMySQL"), exception=PYMYSQL_ERROR)
    try:
        clients = RegionalClients(module)
        found = observe(parameters, clients.client, clients.region)
    except PlatformError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, **found)


if __name__ == "__main__":
    main()
