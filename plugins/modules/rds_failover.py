#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: rds_failover
short_description: Fail over the MySQL writer to the replica of another region, planned without loss or in an emergency
version_added: 0.2.0
author:
  - KnowledgeCity platform contributors (@knowledgecity)
description:
  - Promotes a cross-region read replica of RDS, and writes the region record so that it takes the writes.
  - With O(mode=planned) no acknowledged row is lost. The old writer is fenced, the replica applies all its transactions, and only
    then is promoted. If something fails before the promotion, or RDS refuses it, the fence is taken back.
  - The promotion is asked for once. Whatever AWS answers afterwards, it is awaited.
  - With O(mode=emergency) nothing of the lost region is needed. What was not replicated is lost; the result states the time span.
    A further run fences the old writer as soon as it can be reached.
  - The journal is an item beside the region record in O(target_region), with conditional writes. To resume a run that was cut off,
    run it again, from any machine. The newest run acts, and an earlier one stops.
  - Tenants with dedicated instances are failed over in the same run, see O(tenants).
  - RDS takes minutes to promote. The result separates its part of the time from ours.
  - Must run where both servers can be reached, such as on the runner of O(target_region). Needs PyMySQL there.
options:
  mode:
    description:
      - V(status) reads and changes nothing.
      - V(planned) needs both regions.
      - V(emergency) works without the region that takes the writes now. Where its writer still answers, it is fenced first.
    type: str
    choices: [status, planned, emergency]
    default: status
  target_region:
    description: The region that is to take the writes.
    type: str
    required: true
  instances:
    description: The DB instance of each region.
    type: list
    elements: dict
    required: true
    suboptions:
      region:
        description: Region of the instance.
        type: str
        required: true
      identifier:
        description: Its identifier.
        type: str
        required: true
      address:
        description: Where it is reached if not by its endpoint, such as the end of a tunnel, as C(address) or C(address:port).
        type: str
  tenants:
    description:
      - Tenants. Those with O(tenants[].isolation=instance) have a dedicated instance, and are failed over beside the one of
        O(instances), each with a journal and a record of its own. One that can't be moved keeps none of the others from moving.
      - One without a replica in O(target_region) stays where it is.
    type: list
    elements: dict
    default: []
    version_added: 0.3.0
    suboptions:
      name:
        description: Name of the tenant, by which M(knowledgecity.platform.rds_tenant_db) names its instances and secrets.
        type: str
        required: true
      isolation:
        description: Those with V(schema) are on the shared instance, and move with it.
        type: str
        choices: [schema, instance]
        default: schema
      state:
        description: Those with V(absent) are left.
        type: str
        choices: [present, locked, absent]
        default: present
      identifiers:
        description:
          - Identifiers of the tenant's instances by region, where they aren't the shared instance's of the region with the tenant's
            name behind it.
        type: dict
  tenant_secret_prefix:
    description: Prefix of the tenants' secrets. Without it, C(tenants/) after O(secret_prefix).
    type: str
    version_added: 0.3.0
  addresses:
    description: Where servers of O(tenants) are reached if not by their endpoints, by endpoint.
    type: dict
    default: {}
    version_added: 0.3.0
  table:
    description: Name of the DynamoDB table that holds the region record, the same in all regions.
    type: str
    required: true
  admin_secret:
    description: Name of the secret with C(username) and C(password) of the master user. It is read in O(target_region).
    required: true
  heartbeat_schema:
    description: Schema with the heartbeat, see M(knowledgecity.platform.rds_heartbeat).
    type: str
    default: platform
  fence:
    description:
      - How a planned failover blocks writes to the old writer. An emergency uses V(lock_and_kill).
      - V(lock_and_kill) locks all accounts except the master's, and ends all sessions. It takes milliseconds.
      - V(parameter_group) sets C(read_only) in the instance's parameter group. It holds for the master too, and takes as long
        as RDS takes to apply it.
      - V(security_group) gives the instance the group O(fence_security_group), and ends all sessions.
    type: str
    choices: [lock_and_kill, parameter_group, security_group]
    default: lock_and_kill
  fence_security_group:
    description: ID of a security group that lets only the runners in, for O(fence=security_group).
    type: str
  secret_prefix:
    description:
      - Prefix of the replicated secrets that are promoted in O(target_region), since a replica is read-only.
      - Those that are JSON objects whose C(host) is the old writer's endpoint get the new one, as a new version.
    type: str
  max_lag_ms:
    description: Milliseconds that the replica may be behind when the old writer is fenced.
    type: int
    default: 200
  ready_timeout:
    description:
      - Seconds to wait for a backup of the replica to end, before anything is changed. RDS promotes no replica meanwhile.
    type: int
    default: 900
    version_added: 0.3.0
  lag_timeout:
    description: Seconds to wait for the replica to be within O(max_lag_ms). Nothing is changed before.
    type: int
    default: 60
  fence_timeout:
    description: Seconds after which a fence that isn't up is taken back.
    type: int
    default: 30
  barrier_timeout:
    description: Seconds after which the fence is taken back, if the replica hasn't applied all transactions of the old writer.
    type: int
    default: 30
  promotion_timeout:
    description: Seconds to wait for RDS to promote the replica. The promotion can't be taken back; a further run waits longer.
    type: int
    default: 3600
  accept_unapplied:
    description:
      - Whether an emergency promotes a replica that can't apply all that it has received, such as one whose applier stands. What
        it has not applied is lost; the result and the journal state these transactions in C(unapplied_gtids).
      - Without it such an emergency ends with an error, and an old writer that answers is opened again.
    type: bool
    default: false
    version_added: 0.3.0
  lost_timeout:
    description: Seconds after which another region that doesn't answer counts as lost, except with O(mode=planned).
    type: int
    default: 2
extends_documentation_fragment:
  - knowledgecity.platform.mysql
  - knowledgecity.platform.regional
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
requirements:
  - PyMySQL
seealso:
  - module: knowledgecity.platform.rds_heartbeat
  - module: knowledgecity.platform.region_record
"""

EXAMPLES = r"""
- name: Check whether the replica could be promoted
  knowledgecity.platform.rds_failover:
    mode: status
    region: eu-central-1
    target_region: eu-central-1
    table: kc-production-region-record
    tls_ca: /etc/ssl/certs/rds-global-bundle.pem
    admin_secret: kc-production/database/master
    secret_prefix: kc-production/database/
    instances:
      - region: me-west-1
        identifier: kc-production-me-west-1-database
      - region: eu-central-1
        identifier: kc-production-eu-central-1-database
  delegate_to: "{{ groups['runner_eu_central_1'] | last }}"

- name: Switch over without loss, together with a tenant's dedicated instance
  knowledgecity.platform.rds_failover:
    region: eu-central-1
    target_region: eu-central-1
    table: kc-production-region-record
    tls_ca: /etc/ssl/certs/rds-global-bundle.pem
    admin_secret: kc-production/database/master
    secret_prefix: kc-production/database/
    instances:
      - region: me-west-1
        identifier: kc-production-me-west-1-database
      - region: eu-central-1
        identifier: kc-production-eu-central-1-database
    tenants:
      - name: umbrella
        isolation: instance
    mode: planned
  delegate_to: "{{ groups['runner_eu_central_1'] | last }}"

- name: Fail over while the region of the writer is lost
  knowledgecity.platform.rds_failover:
    region: eu-central-1
    target_region: eu-central-1
    table: kc-production-region-record
    tls_ca: /etc/ssl/certs/rds-global-bundle.pem
    admin_secret: kc-production/database/master
    secret_prefix: kc-production/database/
    instances:
      - region: me-west-1
        identifier: kc-production-me-west-1-database
      - region: eu-central-1
        identifier: kc-production-eu-central-1-database
    mode: emergency
  delegate_to: "{{ groups['runner_eu_central_1'] | last }}"
"""

RETURN = r"""
failover:
  description: The failover that this run began, resumed or found; none if there never was one.
  returned: always
  type: dict
  contains:
    name:
      description: Its name, which the region record has too.
      type: str
    mode:
      description: V(planned) or V(emergency).
      type: str
    source:
      description: The instance that was left, with region, identifier and endpoint.
      type: dict
    target:
      description: The target instance, likewise.
      type: dict
    epoch:
      description: The epoch of the region record that it wrote.
      type: int
    outcome:
      description: V(done), V(aborted) after a planned one was taken back, or V(unfinished).
      type: str
    begun_at:
      description: When it was begun, ISO 8601 in UTC.
      type: str
    done:
      description: The steps that are done.
      type: list
      elements: str
    doing:
      description: The step that was begun last.
      type: str
    pending:
      description: What has to be done once the lost region is back.
      type: list
      elements: str
    timeline:
      description: When each part ended, in milliseconds since the beginning, and whether it was C(ours) or C(aws).
      type: list
      elements: dict
    write_block_ms:
      description: Milliseconds from the fence, in an emergency from the beginning, to the first write.
      type: int
    ours_ms:
      description: Our part of them.
      type: int
    aws_ms:
      description: AWS's part, which is the promotion.
      type: int
    loss:
      description:
        - What may have been lost. C(possible) is false where the replica had everything.
        - Else rows that were acknowledged between C(since) and C(until) may be lost. C(until) is none until the old writer
          is fenced.
        - C(errant_gtids) are the transactions that only the old writer has, once they can be read.
        - C(housekeeping_gtids) are those that are nobody's rows, and so not in C(errant_gtids). They are RDS's own, the heartbeats
          and the locks of the fence.
        - C(unapplied_gtids) are the transactions that the replica had received, and that O(accept_unapplied) gave up.
      type: dict
record:
  description: The region record, as it was read last.
  returned: success
  type: dict
readiness:
  description: Whether the replica could be promoted now, and what keeps it from that.
  returned: success
  type: dict
  sample: {ready: true, problems: []}
source:
  description: The instance that takes the writes now, or is left, as RDS and its server describe it.
  returned: success
  type: dict
target:
  description: The instance in O(target_region), likewise. C(server.lag_ms) is its lag.
  returned: success
  type: dict
dedicated:
  description: What became of each tenant of O(tenants) with a dedicated instance.
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: Name of the tenant.
      type: str
    identifiers:
      description: Identifiers of its instances by region.
      type: dict
    error:
      description: Why it was not moved, if it should have been.
      type: str
    left:
      description: Why it stays where it is.
      type: str
    failover:
      description: As C(failover). So are C(record), C(readiness), C(source) and C(target).
      type: dict
changes:
  description: What was changed, or in check mode would be.
  returned: success
  type: list
  elements: dict
  sample: [{action: fence, resource: writer kc-production-me-west-1-database in me-west-1}]
"""

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import regional_module
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import judge
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.connection import (
    MYSQL_OPTIONS,
    PYMYSQL_ERROR,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import describe
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.checks import check_options
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.connections import (
    Apis,
    Connections,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.databases import dedicated, shared
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.dependencies import Limits
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.fleet import move_all

_INSTANCE = {
    "region": {"type": "str", "required": True},
    "identifier": {"type": "str", "required": True},
    "address": {"type": "str"},
}
_TENANT = {
    "name": {"type": "str", "required": True},
    "isolation": {"type": "str", "choices": ["schema", "instance"], "default": "schema"},
    "state": {"type": "str", "choices": ["present", "locked", "absent"], "default": "present"},
    "identifiers": {"type": "dict"},
}
_OPTIONS = MYSQL_OPTIONS | {
    "mode": {"type": "str", "choices": ["status", "planned", "emergency"], "default": "status"},
    "target_region": {"type": "str", "required": True},
    "instances": {"type": "list", "elements": "dict", "required": True, "options": _INSTANCE},
    "tenants": {"type": "list", "elements": "dict", "default": [], "options": _TENANT},
    "tenant_secret_prefix": {"type": "str", "no_log": False},
    "addresses": {"type": "dict", "default": {}},
    "table": {"type": "str", "required": True},
    "admin_secret": {"type": "str", "required": True, "no_log": False},
    "heartbeat_schema": {"type": "str", "default": "platform"},
    "fence": {
        "type": "str",
        "choices": ["lock_and_kill", "parameter_group", "security_group"],
        "default": "lock_and_kill",
    },
    "fence_security_group": {"type": "str"},
    "secret_prefix": {"type": "str", "no_log": False},
    "max_lag_ms": {"type": "int", "default": 200},
    "ready_timeout": {"type": "int", "default": 900},
    "lag_timeout": {"type": "int", "default": 60},
    "fence_timeout": {"type": "int", "default": 30},
    "barrier_timeout": {"type": "int", "default": 30},
    "promotion_timeout": {"type": "int", "default": 3600},
    "accept_unapplied": {"type": "bool", "default": False},
    "lost_timeout": {"type": "int", "default": 2},
}


def main() -> None:
    module = regional_module(_OPTIONS)
    if PYMYSQL_ERROR:
        module.fail_json(msg=missing_required_lib("PyMySQL"), exception=PYMYSQL_ERROR)
    databases = [shared(module.params), *dedicated(module.params)]
    try:
        findings = check_options(databases[0].wanted, module.params)
        judge(findings, check_mode=module.check_mode, skip_unavailable=False).enforce()
        apis = Apis(module, sorted(databases[0].wanted.instances))
    except PlatformError as error:
        module.fail_json(msg=str(error), failover=None)
    outcomes = move_all(
        databases,
        lambda database: Connections(apis, database).dependencies(module.warn),
        Limits.from_options(module.params),
        check_mode=module.check_mode,
    )
    result = outcomes[0].result | {"dedicated": [outcome.described for outcome in outcomes[1:]]}
    result |= describe([change for outcome in outcomes for change in outcome.changes])
    if errors := [outcome.error for outcome in outcomes if outcome.error]:
        module.fail_json(msg=" ".join(errors), **result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
