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
    schema
    is on a shared instance, or on an instance that the tenant has for itself.
  - A whole list of tenants is kept in one call. The shared instance is read with at most five queries, and only tenants that
    differ
    are changed, in batches. Own instances are made side by side.
  - A tenant's password stands in a secret of its own, and is there before it is set. A run that was cut off in between is
    completed
    by the next one.
  - Rights that somebody gave a tenant's user by hand are taken back, and settings of its instance that somebody changed.
  - Schemas, users, instances and parameter groups that are there already are taken over, whoever made them; no data are
    touched. What
    isn't stated stays as it is. The password of an instance's master user is set anew unless its secret is the module's.
  - Everything is read, and all problems are told, before the first change.
  - Must run where the servers can be reached, such as on the runner of their region. Needs PyMySQL there. With
    O(part=instances) it
    talks to AWS only.
options:
  host:
    description:
      - Endpoint of the shared instance.
      - The server's certificate must name it.
      - Required where a tenant has a schema there.
    type: str
  port:
    description: Port of the shared instance.
    type: int
    default: 3306
  address:
    description: Where O(host) is reached if not by its name, such as the end of a tunnel; C(address) or C(address:port).
    type: str
  addresses:
    description: Likewise for tenants' own instances, by endpoint.
    type: dict
    default: {}
  tls_ca:
    description: File with the certificate authorities that are trusted, such as RDS's own. Without it the system's are.
    type: path
  admin_secret:
    description:
      - Name of the secret with C(username) and C(password) of the shared instance's master user, such as
        M(knowledgecity.platform.rds_master_secret) makes it. Required together with O(host).
    type: str
  part:
    description:
      - V(instances) makes the tenants' own instances and their master secrets, and asks no server. V(databases) makes what is
        in the
        servers, and changes nothing in RDS but for O(final_snapshot).
      - So that the one can be done with an operator's rights, and the other on a runner that has few.
    type: str
    choices: [all, instances, databases]
    default: all
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
          - With V(absent) schema, user and secret are removed, after O(final_snapshot) was taken. An own instance is removed,
            with its
            replica, groups and secrets, and leaves O(tenants[].final_snapshot).
        type: str
        choices: [present, locked, absent]
        default: present
      isolation:
        description:
          - V(schema) is a schema on the shared instance, V(instance) an instance of the tenant's own.
          - It can't be changed in place. The error says how a tenant is moved.
        type: str
        choices: [schema, instance]
        default: schema
      residency:
        description:
          - Regions that the tenant's data may be in. Without it, in any.
          - Refused for a tenant on the shared instance where that, a read replica or a replicated backup of it is in another
            region.
          - An own instance gets no replica in another region, and its secrets none there.
        type: list
        elements: str
      final_snapshot:
        description:
          - Name of the snapshot that a removed instance leaves.
          - Required with O(tenants[].state=absent) for an own instance.
        type: str
      instance:
        description:
          - Settings of the tenant's own instance, before those in O(instance_defaults), which has the same ones.
          - What is stated nowhere stays as it is found. For a new instance it is what is said here.
        type: dict
        suboptions:
          identifier:
            description:
              - Identifier of the instance, such as that of one to take over. By default O(instance_defaults.name_prefix) and
                the tenant's name. Its groups have the same name, unless it has some of its own.
            type: str
          instance_class:
            description: Instance class. A new instance has V(db.t4g.medium).
            type: str
          storage_gib:
            description: Storage in GiB, 20 for a new instance. RDS can't shrink it.
            type: int
          storage_max_gib:
            description: RDS lets the storage grow up to this. At or below the storage it doesn't.
            type: int
          storage_type:
            description: Storage type, V(gp3) for a new instance.
            type: str
          engine_version:
            description: Version of MySQL for a new instance, V(8.4) if not said. Others are not upgraded.
            type: str
          parameter_family:
            description: Family of the parameter group, V(mysql8.4) if not said.
            type: str
          parameters:
            description:
              - Parameters of MySQL.
              - Those of all tenants and the tenant's are put together.
              - Static ones wait for a reboot.
              - V(require_secure_transport) is always on.
            type: dict
          multi_az:
            description: Whether there is a synchronous standby in another zone. A new instance has one.
            type: bool
          backup_retention_days:
            description: Days, 1 to 35, that automated backups are kept; 14 for a new instance.
            type: int
          backup_window:
            description: When automated backups are taken, in UTC.
            type: str
          maintenance_window:
            description: When RDS may do maintenance, in UTC.
            type: str
          deletion_protection:
            description:
              - Whether RDS refuses to delete the instance, as if nothing is said.
              - To remove a tenant, this must be stated as false.
            type: bool
          kms_key:
            description:
              - Key that encrypts the instance and its master's secret, by ARN, key ID or alias.
              - A new instance is always encrypted.
            type: str
          subnets:
            description: Subnets in two zones or more, for the subnet group. A new instance needs them.
            type: list
            elements: str
          security_groups:
            description: IDs of security groups.
            type: list
            elements: str
          port:
            description: Port of a new instance, 3306 if not said.
            type: int
          master_username:
            description: Master user of a new instance, V(platform_admin) if not said.
            type: str
          monitoring_interval:
            description: Seconds between samples of enhanced monitoring, 0 for none.
            type: int
          monitoring_role_arn:
            description: Role for enhanced monitoring.
            type: str
          insights_days:
            description: Days that Performance Insights keeps, 0 for none.
            type: int
          replica:
            description:
              - Whether there is a read replica in O(standby).
              - One that only O(instance_defaults) asks for isn't made where the tenant's residency forbids it.
            type: bool
          replica_kms_key:
            description: Key of the replica, if another than O(standby.kms_key).
            type: str
          tags:
            description: Tags of the instance, its groups and its master's secret. Others' tags are left.
            type: dict
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
  instance_defaults:
    description: Settings of all tenants' own instances.
    type: dict
    suboptions:
      name_prefix:
        description: What identifiers begin with, before the tenant's name.
        type: str
      instance_class:
        description: Instance class. A new instance has V(db.t4g.medium).
        type: str
      storage_gib:
        description: Storage in GiB, 20 for a new instance. RDS can't shrink it.
        type: int
      storage_max_gib:
        description: RDS lets the storage grow up to this. At or below the storage it doesn't.
        type: int
      storage_type:
        description: Storage type, V(gp3) for a new instance.
        type: str
      engine_version:
        description: Version of MySQL for a new instance, V(8.4) if not said. Others are not upgraded.
        type: str
      parameter_family:
        description: Family of the parameter group, V(mysql8.4) if not said.
        type: str
      parameters:
        description:
          - Parameters of MySQL.
          - Those of all tenants and the tenant's are put together.
          - Static ones wait for a reboot.
          - V(require_secure_transport) is always on.
        type: dict
      multi_az:
        description: Whether there is a synchronous standby in another zone. A new instance has one.
        type: bool
      backup_retention_days:
        description: Days, 1 to 35, that automated backups are kept; 14 for a new instance.
        type: int
      backup_window:
        description: When automated backups are taken, in UTC.
        type: str
      maintenance_window:
        description: When RDS may do maintenance, in UTC.
        type: str
      deletion_protection:
        description:
          - Whether RDS refuses to delete the instance, as if nothing is said.
          - To remove a tenant, this must be stated as false.
        type: bool
      kms_key:
        description:
          - Key that encrypts the instance and its master's secret, by ARN, key ID or alias.
          - A new instance is always encrypted.
        type: str
      subnets:
        description: Subnets in two zones or more, for the subnet group. A new instance needs them.
        type: list
        elements: str
      security_groups:
        description: IDs of security groups.
        type: list
        elements: str
      port:
        description: Port of a new instance, 3306 if not said.
        type: int
      master_username:
        description: Master user of a new instance, V(platform_admin) if not said.
        type: str
      monitoring_interval:
        description: Seconds between samples of enhanced monitoring, 0 for none.
        type: int
      monitoring_role_arn:
        description: Role for enhanced monitoring.
        type: str
      insights_days:
        description: Days that Performance Insights keeps, 0 for none.
        type: int
      replica:
        description:
          - Whether there is a read replica in O(standby).
          - One that only O(instance_defaults) asks for isn't made where the tenant's residency forbids it.
        type: bool
      replica_kms_key:
        description: Key of the replica, if another than O(standby.kms_key).
        type: str
      tags:
        description: Tags of the instance, its groups and its master's secret. Others' tags are left.
        type: dict
  standby:
    description: The region that may take over, and what replicas have of their own there.
    type: dict
    suboptions:
      region:
        description: The region.
        type: str
        required: true
      name_prefix:
        description: What identifiers of replicas begin with. Without it they are the instances', with the region's name put in.
        type: str
      kms_key:
        description: Key of that region. Encrypted replicas need one.
        type: str
      subnets:
        description: Subnets in two zones or more, for the replicas' subnet groups.
        type: list
        elements: str
      security_groups:
        description: IDs of the replicas' security groups.
        type: list
        elements: str
      monitoring_role_arn:
        description: Role for enhanced monitoring.
        type: str
  purge_parameters:
    description: Whether parameters that somebody set, and that aren't stated, go back to their defaults.
    type: bool
    default: false
  name_prefix:
    description: What schemas and users begin with, before the tenant's name; small letters and digits.
    type: str
    default: tenant
  secret_prefix:
    description:
      - What the names of the tenants' secrets begin with. The secret of an own instance's master user is named after it and the
        tenant, with C(/master).
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
    description: Identifier of the shared instance, for O(final_snapshot) and O(tenants[].residency).
    type: str
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

- name: Keep a tenant that has an instance of its own, with a replica, and one whose data stay in the country
  knowledgecity.platform.rds_tenant_db: &own
    secret_prefix: kc-production/database/tenants/
    tls_ca: /etc/ssl/certs/rds-global-bundle.pem
    instance_defaults:
      name_prefix: kc-production-me-west-1-database-
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
    <<: *own
    tenants:
      - name: stark
        isolation: instance
        instance:
          identifier: stark-mysql
          kms_key: alias/stark

- name: Remove a tenant with its instance; its last snapshot is kept
  knowledgecity.platform.rds_tenant_db:
    <<: *own
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
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances.settle import (
    DEFAULTS_SPEC,
    STANDBY_SPEC,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.entries import (
    TENANT_SPEC,
    check_options,
    own_tenants,
    schemas_and_owners,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.work import Seen, Work


def main() -> None:
    replica = {"region": {"type": "str", "required": True}, "kms_key": {"type": "str", "no_log": False}}
    module = regional_module(
        {
            "host": {"type": "str"},
            "port": {"type": "int", "default": 3306},
            "address": {"type": "str"},
            "addresses": {"type": "dict", "default": {}},
            "tls_ca": {"type": "path"},
            "admin_secret": {"type": "str", "no_log": False},
            "part": {"type": "str", "choices": ["all", "instances", "databases"], "default": "all"},
            "tenants": {"type": "list", "elements": "dict", "required": True, "options": TENANT_SPEC},
            "instance_defaults": {"type": "dict", "options": DEFAULTS_SPEC},
            "standby": {"type": "dict", "options": STANDBY_SPEC},
            "purge_parameters": {"type": "bool", "default": False},
            "name_prefix": {"type": "str", "default": "tenant"},
            "secret_prefix": {"type": "str", "required": True, "no_log": False},
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
            "instance": {"type": "str"},
            "final_snapshot": {"type": "str"},
            "recovery_window": {"type": "int", "default": 7},
            "wait_timeout": {"type": "int", "default": 900},
        },
        required_by={"final_snapshot": ["instance"]},
        required_together=[("host", "admin_secret")],
    )
    parameters = module.params
    if PYMYSQL_ERROR and parameters["part"] != "instances":
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
