#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: rds_tenant_db
short_description: Keep tenants' databases on RDS for MySQL, on a shared instance or on their own
version_added: 0.2.0
author:
  - KnowledgeCity platform contributors (@knowledgecity)
description:
  - Each tenant has a schema of its own, and a user of the same name who may use that schema and nothing else, by TLS only. The
    schema is on a shared instance, or on an instance that the tenant has for itself.
  - A whole list of tenants is kept in one call. The shared instance is read with at most five queries, and only tenants that
    differ are changed, in batches. Own instances are made side by side.
  - A tenant's password stands in a secret of its own, and is there before it is set. A run that was cut off in between is
    completed by the next one.
  - Rights that somebody gave a tenant's user by hand are taken back, and settings of its instance that somebody changed.
  - Schemas, users, instances and parameter groups that are there already are taken over, whoever made them; no data are touched.
    What isn't stated stays as it is. The password of an instance's master user is set anew unless its secret is the module's.
  - Everything is read, and all problems are told, before the first change.
  - Must run where the servers can be reached, such as on the runner of their region. Needs PyMySQL there. Some of it (O(part))
    needs AWS only.
options:
  addresses:
    description: Where tenants' own instances are reached if not by their names, by endpoint, as in O(address).
    type: dict
    default: {}
  part:
    description:
      - So that what RDS and its keys ask for can be done with an operator's rights, and the rest on a runner that has few.
      - V(instances) makes the tenants' own instances and their master secrets, and asks no server.
      - V(databases) makes what is in the servers, and the tenants' secrets. It changes nothing in RDS but for O(final_snapshot).
      - V(secrets) removes the secrets of tenants that are V(absent) from the shared instance, after V(databases) removed them
        there.
    type: str
    choices: [all, instances, databases, secrets]
    default: all
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
  final_snapshot:
    description:
      - Name of a snapshot of the shared instance that is taken before tenants are removed.
      - Required where one is V(absent).
    type: str
  recovery_window:
    description: Days from 7 to 30 that the secret of a removed tenant can be taken back.
    type: int
    default: 7
  wait_timeout:
    description: Seconds to wait for instances and snapshots, and until what is read back is what is wanted.
    type: int
    default: 900
extends_documentation_fragment:
  - knowledgecity.platform.tenants
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
- name: Keep the tenants of the shared instance
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
  delegate_to: "{{ groups['runner_me_west_1'] | last }}"

- name: Give everybody a new password; the old ones work on
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

- name: Keep a tenant that has an instance of its own, with a replica, and one whose data stay in the country
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

- name: Take over an instance that was made by hand
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

- name: Remove a tenant with its instance; its last snapshot is kept
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
  description: The tenants as they were read last, without those that are gone.
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
      description: Its schema, which its user is named after. Missing where the server wasn't asked.
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
    master_secret:
      description: Name of the secret of its own instance's master user.
      type: str
    instance:
      description: Its own instance, among others C(endpoint), C(status) and C(reboot_pending) (parameters wait for a reboot).
      type: dict
    replica:
      description: The read replica of its own instance.
      type: dict
    terraform:
      description: Import blocks of its own instance, its replica and their groups, for Terraform 1.5 and later.
      type: str
    aws_cli:
      description: Of its own instance, and of its replica, the commands that show it, and that make it again what it is.
      type: list
      elements: dict
  sample:
    - name: acme
      isolation: schema
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

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import RegionalClients, regional_module
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import Finding, judge
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.connection import PYMYSQL_ERROR
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change, converge, describe
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.entries import (
    TENANTS_SPEC,
    check_options,
    own_tenants,
    schemas_and_owners,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.work import Seen, Work


def main() -> None:
    replica = {"region": {"type": "str", "required": True}, "kms_key": {"type": "str", "no_log": False}}
    module = regional_module(
        TENANTS_SPEC
        | {
            "addresses": {"type": "dict", "default": {}},
            "part": {"type": "str", "choices": ["all", "instances", "databases", "secrets"], "default": "all"},
            "secret_kms_key": {"type": "str", "no_log": False},
            "secret_replicas": {
                "type": "list",
                "elements": "dict",
                "default": [],
                "options": replica,
                "no_log": False,
            },
            "secret_tags": {"type": "dict", "default": {}, "no_log": False},
            "rotate": {"type": "str", "choices": ["none", "start", "finish"], "default": "none"},
            "final_snapshot": {"type": "str"},
            "recovery_window": {"type": "int", "default": 7},
            "wait_timeout": {"type": "int", "default": 900},
        },
        required_by={"final_snapshot": ["instance"]},
        required_together=[("host", "admin_secret")],
    )
    parameters = module.params
    if PYMYSQL_ERROR and parameters["part"] in ("all", "databases"):
        module.fail_json(msg=missing_required_lib("PyMySQL"), exception=PYMYSQL_ERROR)
    clients = RegionalClients(module)
    work = None
    judged = False

    def enforce(findings: list[Finding]) -> None:
        verdict = judge(findings, check_mode=module.check_mode, skip_unavailable=False)
        verdict.enforce()
        for warning in verdict.warnings:
            module.warn(warning)

    def plan(seen: Seen) -> list[Change]:
        """What was found in the way before the first change isn't asked again after it."""
        nonlocal judged
        if not judged:
            enforce(work.findings(seen))
            judged = True
        return work.plan(seen)

    try:
        entries, owners = schemas_and_owners(parameters)
        own = own_tenants(parameters, owners, clients.region)
        enforce(check_options(parameters, entries, own))
        work = Work(parameters, clients.client, clients.region, entries, own)
        changes, seen = converge(
            check_mode=module.check_mode,
            read=work.read,
            plan=plan,
            apply=work.apply,
            timeout=parameters["wait_timeout"],
        )
    except PlatformError as error:
        done = work.done if work else []
        rest = f" {len(done)} tenants were changed before; run again for the others." if done else ""
        module.fail_json(msg=f"{error}{rest}", tenants_done=done)
    module.exit_json(tenants=work.tenants(seen), queries=work.queries, **describe(changes))


if __name__ == "__main__":
    main()
