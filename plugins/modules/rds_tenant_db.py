#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: rds_tenant_db
short_description: Manage tenants' databases on RDS for MySQL, on a shared instance or on dedicated ones
version_added: 0.2.0
author:
  - KnowledgeCity platform contributors (@knowledgecity)
description:
  - Each tenant has a schema, and a user who may use that schema and nothing else, by TLS only. The schema is on a shared instance
    or on a dedicated one.
  - Tenants are called as companies are. O(tenants[].name) says how their names become those of schemas, users and secrets, and
    O(tenants[].database) and O(tenants[].user) name what was there before.
  - One call manages a whole list of tenants. The shared instance is read with at most five queries, and only tenants that differ
    are changed, in batches. Dedicated instances are created side by side.
  - A tenant's password is stored in its secret before it is set. The next run completes one that was cut off in between.
  - A tenant that works goes on working while it is changed. Privileges are granted before others are revoked, and a password that
    is replaced remains valid until O(rotate=finish).
  - Privileges that were granted to a tenant's user by hand are revoked, and changed settings of its instance are restored.
  - Existing schemas, users, instances and parameter groups are adopted, and their data is not touched. What isn't stated stays
    as it is. The password of an instance's master user is set again unless its secret is the module's.
  - Everything is read, and all problems are reported, before the first change.
  - Must run where the servers can be reached, such as on the runner of their region. Needs PyMySQL there. Some of it (O(part))
    needs AWS only.
options:
  addresses:
    description: Where dedicated instances are reached if not by their names, by endpoint, as in O(address).
    type: dict
    default: {}
  part:
    description:
      - Part of the work to do, so that an operator can change RDS and a runner with few permissions does the rest.
      - V(instances) manages dedicated instances and their master secrets, and connects to no server.
      - V(databases) manages what is in the servers, and the tenants' secrets. In RDS it only takes O(final_snapshot).
      - V(secrets) removes the secrets of tenants that are V(absent) from the shared instance, after V(databases) removed them
        there.
    type: str
    choices: [all, instances, databases, secrets]
    default: all
  secret_kms_key:
    description: Key that encrypts the secrets, by ARN, key ID or alias.
    type: str
  secret_replicas:
    description: Other regions to which the secrets of new tenants are replicated.
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
      - With V(start) every tenant gets a new password, and the old one remains valid. Tenants that have two already are left
        as they are.
      - With V(finish) only the new ones remain valid.
    type: str
    choices: [none, start, finish]
    default: none
  final_snapshot:
    description:
      - Name of the snapshot of the shared instance that is taken before tenants are removed.
      - Required where a tenant on it is V(absent).
    type: str
  recovery_window:
    description: Days from 7 to 30 that the secret of a removed tenant can be restored.
    type: int
    default: 7
  wait_timeout:
    description: Seconds to wait for instances and snapshots, and until what is read back is what is wanted.
    type: int
    default: 900
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
  - module: knowledgecity.platform.rds_master_secret
  - module: knowledgecity.platform.rds_tenant_db_info
"""

EXAMPLES = r"""
- name: Manage the tenants of the shared instance
  knowledgecity.platform.rds_tenant_db:
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
      - name: Müller & Söhne GmbH
  delegate_to: "{{ groups['runner_me_west_1'] | last }}"

- name: Adopt a schema and a user that were created by hand
  knowledgecity.platform.rds_tenant_db:
    host: kc-production-me-west-1-database.c0123456789a.me-west-1.rds.amazonaws.com
    tls_ca: /etc/ssl/certs/rds-global-bundle.pem
    admin_secret: kc-production/database/master
    secret_prefix: kc-production/database/tenants/
    secret_kms_key: alias/kc-production-me-west-1-data
    tenants:
      - name: Initech
        database: legacy_erp
        user: erp_app
  delegate_to: "{{ groups['runner_me_west_1'] | last }}"

- name: Rotate all passwords, with the old ones still valid
  knowledgecity.platform.rds_tenant_db:
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

- name: Manage a tenant with a dedicated instance and a replica, and one whose data stay in the country
  knowledgecity.platform.rds_tenant_db:
    secret_prefix: kc-production/database/tenants/
    tls_ca: /etc/ssl/certs/rds-global-bundle.pem
    instance_name_prefix: kc-production-me-west-1-database-
    instance_defaults:
      kms_key: alias/kc-production-me-west-1-data
      subnets: [subnet-0a1b2c3d, subnet-1a2b3c4d]
      security_groups: [sg-0a1b2c3d]
      replica: true
    standby:
      region: eu-central-1
      kms_key: alias/kc-production-eu-central-1-data
      subnets: [subnet-2a3b4c5d, subnet-3a4b5c6d]
      security_groups: [sg-1a2b3c4d]
    tenants:
      - name: umbrella
        isolation: instance
        instance:
          instance_class: db.r7g.large
          storage_gib: 200
          parameters:
            max_connections: 500
      - name: hooli
        isolation: instance
        residency: [me-west-1]
  delegate_to: "{{ groups['runner_me_west_1'] | last }}"

- name: Adopt an instance that was created by hand
  knowledgecity.platform.rds_tenant_db:
    secret_prefix: kc-production/database/tenants/
    tls_ca: /etc/ssl/certs/rds-global-bundle.pem
    instance_name_prefix: kc-production-me-west-1-database-
    instance_defaults:
      kms_key: alias/kc-production-me-west-1-data
      subnets: [subnet-0a1b2c3d, subnet-1a2b3c4d]
      security_groups: [sg-0a1b2c3d]
      replica: true
    standby:
      region: eu-central-1
      kms_key: alias/kc-production-eu-central-1-data
      subnets: [subnet-2a3b4c5d, subnet-3a4b5c6d]
      security_groups: [sg-1a2b3c4d]
    tenants:
      - name: stark
        isolation: instance
        instance:
          identifier: stark-mysql
          kms_key: alias/stark

- name: Remove a tenant with its instance, and keep a final snapshot
  knowledgecity.platform.rds_tenant_db:
    secret_prefix: kc-production/database/tenants/
    tls_ca: /etc/ssl/certs/rds-global-bundle.pem
    instance_name_prefix: kc-production-me-west-1-database-
    instance_defaults:
      kms_key: alias/kc-production-me-west-1-data
      subnets: [subnet-0a1b2c3d, subnet-1a2b3c4d]
      security_groups: [sg-0a1b2c3d]
      replica: true
    standby:
      region: eu-central-1
      kms_key: alias/kc-production-eu-central-1-data
      subnets: [subnet-2a3b4c5d, subnet-3a4b5c6d]
      security_groups: [sg-1a2b3c4d]
    tenants:
      - name: umbrella
        isolation: instance
        state: absent
        final_snapshot: last-of-umbrella
        instance:
          deletion_protection: false
"""

RETURN = r"""
tenants:
  description: The tenants as they were read last, without removed ones.
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
    schema:
      description: Its schema. Missing where the server wasn't read.
      type: str
    user:
      description: Its user. Missing where the server wasn't read.
      type: str
    secret:
      description: Name of its secret.
      type: str
    locked:
      description: Whether its user is locked.
      type: bool
    two_passwords:
      description: Whether a rotation was started and is not finished.
      type: bool
    master_secret:
      description: Name of the secret of its dedicated instance's master user.
      type: str
    instance:
      description: Its dedicated instance, with C(endpoint), C(status), C(reboot_pending) (parameters wait for a reboot) and more.
      type: dict
    replica:
      description: The read replica of its dedicated instance.
      type: dict
    terraform:
      description: Import blocks of its dedicated instance, its replica and their groups, for Terraform 1.5 and later.
      type: str
    aws_cli:
      description: The commands that describe its dedicated instance and its replica, and those that restore their settings.
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
left:
  description:
    - Tenants that were left as they are, with the reason, such as one whose dedicated instance is in another region.
    - Each is a warning, too, and keeps none of the others.
  returned: success
  type: dict
  sample: {}
queries:
  description: Number of queries of the first read.
  returned: success
  type: int
  sample: 4
tenants_done:
  description: The tenants that were changed before the failure.
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

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import RegionalClients, regional_module
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import Finding, judge
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.connection import PYMYSQL_ERROR
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import converge, describe
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.entries import (
    TENANTS_SPEC,
    check_options,
    dedicated_tenants,
    split_by_isolation,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.reconciler import TenantsReconciler

_REPLICA = {"region": {"type": "str", "required": True}, "kms_key": {"type": "str", "no_log": False}}
_OPTIONS = TENANTS_SPEC | {
    "addresses": {"type": "dict", "default": {}},
    "part": {"type": "str", "choices": ["all", "instances", "databases", "secrets"], "default": "all"},
    "secret_kms_key": {"type": "str", "no_log": False},
    "secret_replicas": {"type": "list", "elements": "dict", "default": [], "options": _REPLICA, "no_log": False},
    "secret_tags": {"type": "dict", "default": {}, "no_log": False},
    "rotate": {"type": "str", "choices": ["none", "start", "finish"], "default": "none"},
    "final_snapshot": {"type": "str"},
    "recovery_window": {"type": "int", "default": 7},
    "wait_timeout": {"type": "int", "default": 900},
}


def main() -> None:
    module = regional_module(
        _OPTIONS,
        required_by={"final_snapshot": ["instance"]},
        required_together=[("host", "admin_secret")],
    )
    parameters = module.params
    if PYMYSQL_ERROR and parameters["part"] in ("all", "databases"):
        module.fail_json(msg=missing_required_lib("PyMySQL"), exception=PYMYSQL_ERROR)
    clients = RegionalClients(module)

    def enforce(findings: list[Finding]) -> None:
        verdict = judge(findings, check_mode=module.check_mode, skip_unavailable=False)
        verdict.enforce()
        for warning in verdict.warnings:
            module.warn(warning)

    reconciler = None
    try:
        schemas, others = split_by_isolation(parameters)
        dedicated = dedicated_tenants(parameters, others, clients.region)
        enforce(check_options(parameters, schemas, dedicated))
        reconciler = TenantsReconciler(
            parameters, clients.client, clients.region, schemas, dedicated, enforce=enforce, warn=module.warn
        )
        changes, observed = converge(reconciler, check_mode=module.check_mode, timeout=parameters["wait_timeout"])
    except PlatformError as error:
        done = reconciler.done if reconciler else []
        rest = f" {len(done)} tenants were changed before; run again for the others." if done else ""
        module.fail_json(msg=f"{error}{rest}", tenants_done=done)
    module.exit_json(
        tenants=reconciler.tenants(observed), left=reconciler.left, queries=reconciler.queries, **describe(changes)
    )


if __name__ == "__main__":
    main()
