# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations


class ModuleDocFragment:
    """Options that say which tenants there are, and where."""

    DOCUMENTATION = r"""
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
  tls_ca:
    description: File with the certificate authorities that are trusted, such as RDS's own. Without it the system's are.
    type: path
  admin_secret:
    description:
      - Name of the secret with C(username) and C(password) of the shared instance's master user, such as
        M(knowledgecity.platform.rds_master_secret) makes it. Required together with O(host).
    type: str
  instance:
    description: Identifier of the shared instance. O(tenants[].residency) is judged by it, and a last snapshot taken of it.
    type: str
  instance_name_prefix:
    description: What the identifiers of tenants' own instances begin with, before the tenant's name.
    type: str
    default: ''
  instance_defaults:
    description: Settings of all tenants' own instances. What is stated nowhere stays as it is found.
    type: dict
    suboptions: &settings
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
  tenants:
    description: The tenants. Others are left alone.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the tenant, of small letters and digits, so that no grant can hold a wildcard.
        type: str
        required: true
      state:
        description:
          - With V(present) the tenant can work.
          - With V(locked) its user can't log in, and its sessions are ended.
          - With V(absent) schema, user and secret are removed, after a snapshot of the instance was taken. An own instance is
            removed, with its replica, groups and secrets, and leaves O(tenants[].final_snapshot).
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
              - Identifier of the instance, such as that of one to take over. By default O(instance_name_prefix) and the
                tenant's name. Its groups have the same name, unless it has some of its own.
            type: str
          <<: *settings
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
        description: Days until a password expires, 0 for never. They have to be rotated before.
        type: int
        default: 0
      protected:
        description: Whether the tenant can't be removed.
        type: bool
        default: false
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
"""
