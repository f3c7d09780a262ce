# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations


class ModuleDocFragment:
    """Document the options that say which tenants there are, and where; beside the fragments mysql and mysql.server."""

    DOCUMENTATION = r"""
options:
  host:
    description:
      - Endpoint of the shared instance. The server's certificate must name it.
      - Required where a tenant has a schema there, together with O(admin_secret).
  instance:
    description: Identifier of the shared instance. O(tenants[].residency) is judged by it, and the final snapshot is taken of it.
    type: str
  instance_name_prefix:
    description: Prefix of the identifiers of dedicated instances, before the tenant's name.
    type: str
    default: ''
  instance_defaults:
    description: Settings of all dedicated instances. What is stated nowhere stays as it is.
    type: dict
    suboptions: &settings
      instance_class:
        description: Instance class. A new instance has V(db.t4g.medium).
        type: str
      storage_gib:
        description: Storage in GiB, 20 for a new instance. RDS can't shrink it.
        type: int
      storage_max_gib:
        description: Size up to which RDS may let the storage grow. At or below the storage it doesn't grow.
        type: int
      storage_type:
        description: Storage type, V(gp3) for a new instance.
        type: str
      engine_version:
        description: Version of MySQL for a new instance, V(8.4) by default. Existing instances are not upgraded.
        type: str
      parameter_family:
        description: Family of the parameter group, V(mysql8.4) by default.
        type: str
      parameters:
        description:
          - Parameters of MySQL.
          - Those of all tenants and those of the tenant are combined.
          - Static ones wait for a reboot.
          - V(require_secure_transport), V(performance_schema) and V(log_bin_trust_function_creators) are always on.
          - On and off may be written in any of YAML's and MySQL's words.
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
          - Whether RDS refuses to delete the instance. It does by default.
          - To remove a tenant, set this to V(false).
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
        description: Port of a new instance, 3306 by default.
        type: int
      master_username:
        description: Master user of a new instance, V(platform_admin) by default.
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
          - A replica that only O(instance_defaults) asks for isn't created where the tenant's residency forbids it.
        type: bool
      replica_kms_key:
        description: Key of the replica, if it isn't O(standby.kms_key).
        type: str
      tags:
        description: Tags of the instance, its groups and its master user's secret. Other tags are left as they are.
        type: dict
  standby:
    description: The standby region, and the settings of replicas in it.
    type: dict
    suboptions:
      region:
        description: The region.
        type: str
        required: true
      name_prefix:
        description: Prefix of the identifiers of replicas. Without it they are those of the instances, with the name of the
          region replaced.
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
      backup_window:
        description: When automated backups of the replicas are taken, in UTC, if not as those of the instances. RDS promotes no
          replica while it backs it up.
        type: str
        version_added: 0.3.0
  tenants:
    description: The tenants. Other tenants are left as they are.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description:
          - Name of the tenant, as the company is called, of at most 128 characters. Quote it in YAML where it is a number or a
            word such as V(no).
          - A name of lower-case letters and digits that begins with a letter stands as it is, where it fits. V(acme) has the
            schema and the user C(tenantacme), and the secret C(acme) behind O(secret_prefix).
          - Any other becomes C(0), its letters and digits as far as ASCII has them, in lower case and cut to fit, and ten
            characters of the SHA-256 of the name in base 32. V(Müller & Söhne) has the schema and the user
            C(tenant0mullersohnenwnctplxg5). No two names are mapped to one, nor are two that differ by case only.
          - Schemas have at most 64 characters, users 32, so those of long names end differently. The module returns them.
        type: str
        required: true
      database:
        description:
          - Name of its schema, for one that has another name than the rule in O(tenants[].name) gives it.
          - A schema of this name that exists is adopted, with its data.
        type: str
      user:
        description:
          - Name of its user, for one that has another name than the rule in O(tenants[].name) gives it.
          - A user of this name and the host V(%) that exists is adopted. It gets the password of the tenant's secret, and its own
            remains valid until a rotation is finished. Privileges and limits become those that are wanted. A run with C(--check
            --diff) shows what would change.
        type: str
      state:
        description:
          - With V(present) the tenant can work.
          - With V(locked) its user can't log in, and its sessions are ended.
          - With V(absent) schema, user and secret are removed, after a snapshot of the instance was taken. A dedicated instance is
            removed with its replica, groups and secrets, and leaves O(tenants[].final_snapshot).
        type: str
        choices: [present, locked, absent]
        default: present
      isolation:
        description:
          - V(schema) is a schema on the shared instance, V(instance) is a dedicated instance.
          - It can't be changed in place. The error says how to move the tenant.
        type: str
        choices: [schema, instance]
        default: schema
      residency:
        description:
          - Regions that the tenant's data may be in. By default, any.
          - Refused for a tenant on the shared instance where the instance, a read replica or a replicated backup of it is in
            another region.
          - A dedicated instance and its secrets get no replica in another region.
        type: list
        elements: str
      final_snapshot:
        description:
          - Name of the snapshot that a removed instance leaves.
          - Required with O(tenants[].state=absent) for a dedicated instance.
        type: str
      instance:
        description:
          - Settings of the tenant's dedicated instance. They take precedence over those in O(instance_defaults).
          - What is stated nowhere stays as it is. A new instance has the default that is documented for the setting.
        type: dict
        suboptions:
          identifier:
            description:
              - Identifier of the instance, for example of one to adopt. By default O(instance_name_prefix) and the tenant's
                name, mapped as for its schema, of at most 63 characters. Its groups have the same name, unless it has others.
            type: str
          <<: *settings
      privileges:
        description:
          - Privileges of the user on its schema. What is missing is granted before anything is revoked.
          - V(TRIGGER) is neither granted nor revoked where the server has a binary log and
            C(log_bin_trust_function_creators) is off, since nobody could use it.
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
        description: Number of sessions that the user may have at the same time.
        type: int
        default: 20
      max_queries_per_hour:
        description: Number of statements that the user may send in an hour, 0 for any number.
        type: int
        default: 0
      password_lifetime_days:
        description: Days until a password expires, 0 for never. Rotate passwords before they expire.
        type: int
        default: 0
      failed_login_attempts:
        description:
          - Number of wrong passwords in a row after which the user is locked for a day, 0 for any number.
          - Anybody who reaches the server can lock a tenant out that way. The passwords that the module makes can't be guessed.
        type: int
        default: 0
      protected:
        description: Whether the tenant can't be removed.
        type: bool
        default: false
  purge_parameters:
    description: Whether to reset parameters that were set by others and are not stated.
    type: bool
    default: false
  name_prefix:
    description:
      - Prefix of the names of schemas and users, before what O(tenants[].name) is mapped to. Lower-case letters and digits.
    type: str
    default: tenant
  secret_prefix:
    description:
      - Prefix of the names of the tenants' secrets. The secret of a dedicated instance's master user has this prefix, the
        tenant's name and C(/master).
    type: str
    required: true
"""
