#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: rds_failover
short_description: Let the MySQL replica of another region take the writes, planned without loss or in an emergency
version_added: 0.2.0
author:
  - KnowledgeCity platform contributors (@knowledgecity)
description:
  - Promotes a cross-region read replica of RDS, and says in the region record that it takes the writes from now on.
  - With O(mode=planned) no acknowledged row is lost. The old writer is fenced, the replica applies all that it has, and only then
    is promoted. Before the promotion everything can be taken back, and is where something fails.
  - With O(mode=emergency) nothing is needed of the region that is lost. What had not been replicated is lost; the result states the
    span. The old writer is fenced as soon as it can be reached, by a further run.
  - The journal is an item beside the region record in the region gone to, written by condition only. A run that was cut off, at any
    moment, is resumed by running it again, from whatever machine; the newest run acts, and one before stops.
  - RDS itself takes minutes to promote. The result tells its part and ours apart.
  - Must run where both servers can be reached, such as on the runner of the region gone to. Needs PyMySQL there.
options:
  mode:
    description:
      - V(status) reads and changes nothing.
      - V(planned) needs both regions.
      - V(emergency) does without the region that takes the writes now. Where its writer answers none the less, it is fenced first.
    type: str
    choices: [status, planned, emergency]
    default: status
  target_region:
    description: The region that shall take the writes.
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
        description: Where it is reached if not by its endpoint's name, such as the end of a tunnel; C(address) or C(address:port).
        type: str
  port:
    description: Port of the instances.
    type: int
    default: 3306
  tls_ca:
    description: File with the certificate authorities that are trusted, such as RDS's own. Without it the system's are.
    type: path
  table:
    description: Name of the DynamoDB table that holds the region record, the same in all regions.
    type: str
    required: true
  admin_secret:
    description: Name of the secret with C(username) and C(password) of the master user. It is read in O(target_region).
    type: str
    required: true
  heartbeat_schema:
    description: Schema with the heartbeat, see M(knowledgecity.platform.rds_heartbeat).
    type: str
    default: platform
  fence:
    description:
      - How a planned failover keeps everybody from the old writer. In an emergency it is V(lock_and_kill).
      - V(lock_and_kill) locks all accounts but the master's, and ends all sessions. It takes milliseconds.
      - V(parameter_group) sets C(read_only) in the instance's own parameter group. It holds for the master, too, and takes as long
        as RDS takes to apply it.
      - V(security_group) gives the instance the group O(fence_security_group), and ends all sessions.
    type: str
    choices: [lock_and_kill, parameter_group, security_group]
    default: lock_and_kill
  fence_security_group:
    description: ID of a security group that lets only the runners in, for O(fence=security_group).
    type: str
  secret_prefix:
    description: Replicated secrets whose names begin so are promoted in O(target_region), since a replica is read-only.
    type: str
  max_lag_ms:
    description: Milliseconds that the replica may be behind when the old writer is fenced.
    type: int
    default: 200
  lag_timeout:
    description: Seconds to wait for the replica to be within O(max_lag_ms). Nothing is changed before.
    type: int
    default: 60
  fence_timeout:
    description: Seconds until the fence must be up, or it is taken back.
    type: int
    default: 30
  barrier_timeout:
    description: Seconds until the replica must have applied all that the old writer has, or the fence is taken back.
    type: int
    default: 30
  promotion_timeout:
    description: Seconds to wait for RDS to promote the replica. It can't be taken back; a further run waits on.
    type: int
    default: 3600
  lost_timeout:
    description: Seconds after which another region that doesn't answer counts as lost, but with O(mode=planned).
    type: int
    default: 2
extends_documentation_fragment:
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
- name: Look whether the replica could be promoted
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

- name: Move the writer, without loss
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
    mode: planned
  delegate_to: "{{ groups['runner_eu_central_1'] | last }}"

- name: Move the writer while its region is lost
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
  description: The failover that this run began, resumed or found; none where there never was one.
  returned: always
  type: dict
  contains:
    name:
      description: Its name, which stands in the region record, too.
      type: str
    mode:
      description: V(planned) or V(emergency).
      type: str
    source:
      description: The instance that was left, with region, identifier and endpoint.
      type: dict
    target:
      description: The instance gone to, likewise.
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
      description: What waits for the lost region.
      type: list
      elements: str
    timeline:
      description: What ended when, in milliseconds since the beginning, and whether it was C(ours) or C(aws).
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
        - Otherwise rows that were acknowledged between C(since) and C(until) may be lost. C(until) is none until the old writer
          is fenced.
        - C(errant_gtids) are the transactions that only the old writer has, once they could be read.
      type: dict
record:
  description: The region record, as it was read last.
  returned: success
  type: dict
readiness:
  description: Whether the replica could be promoted now, and what is in the way.
  returned: success
  type: dict
  sample: {ready: true, problems: []}
source:
  description: The instance that takes the writes now, or is left; what RDS and what the server tell of it.
  returned: success
  type: dict
target:
  description: The instance in O(target_region), likewise. C(server.lag_ms) is how far it is behind.
  returned: success
  type: dict
changes:
  description: What was changed, or in check mode would be.
  returned: success
  type: list
  elements: dict
  sample: [{action: fence, resource: writer kc-production-me-west-1-database in me-west-1}]
"""

import datetime
import functools
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
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover import results
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.actors import Actors, Limits
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.checks import check, check_options
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.engine import Engine
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.journal_store import JournalStore
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.model import State, Wanted
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.moves import Moves
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.plan import begin, plan
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.rds import Rds
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.reading import read
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.run import Run
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_record.store import RecordStore

_API_TIMEOUT = 10
_CONNECT_TIMEOUT = 5
_NUMBERS = (
    "max_lag_ms",
    "lag_timeout",
    "fence_timeout",
    "barrier_timeout",
    "promotion_timeout",
    "lost_timeout",
)


class Lines:
    """Clients and connections by region: the region gone to may take its time, another one that may be lost may not."""

    def __init__(self, module: t.Any, wanted: Wanted):
        self._parameters = module.params
        self._engines: dict[tuple[str, str], Engine] = {}
        self._wanted = wanted
        self._patient = RegionalClients(module, read_timeout=_API_TIMEOUT)
        self._brief = self._patient
        if wanted.mode != "planned":
            lost = module.params["lost_timeout"]
            self._brief = RegionalClients(module, max_attempts=0, read_timeout=lost, connect_timeout=lost)

    def client(self, service: str, region: str | None = None) -> t.Any:
        region = region or self._wanted.target_region
        return (self._patient if region == self._wanted.target_region else self._brief).client(service, region)

    @functools.cached_property
    def _login(self) -> tuple[str, str]:
        return read_login(self.client("secretsmanager"), self._parameters["admin_secret"])

    def engine(self, region: str, endpoint: str) -> Engine:
        """One for each server, for as long as the module runs."""
        if (region, endpoint) not in self._engines:
            self._engines[region, endpoint] = self._new_engine(region, endpoint)
        return self._engines[region, endpoint]

    def _new_engine(self, region: str, endpoint: str) -> Engine:
        parameters = self._parameters
        addresses = {item["region"]: item["address"] for item in parameters["instances"]}
        may_be_lost = self._wanted.mode != "planned" and region != self._wanted.target_region
        connect = connector(
            endpoint,
            parameters["port"],
            addresses[region],
            parameters["tls_ca"],
            connect_timeout=parameters["lost_timeout"] if may_be_lost else _CONNECT_TIMEOUT,
            read_timeout=max(parameters["barrier_timeout"], parameters["fence_timeout"]) + 30,
        )
        user = self._login[0]
        place = f"{self._wanted.identifier(region)} in {region}"
        return Engine(lambda: connect(*self._login), user, place, parameters["heartbeat_schema"])

    def actors(self, warn: t.Callable[[str], None]) -> Actors:
        table = self._parameters["table"]
        return Actors(
            journals=lambda region: JournalStore(self.client("dynamodb", region), table, region),
            records=lambda regions: RecordStore(lambda region: self.client("dynamodb", region), table, regions),
            regions=sorted(self._wanted.instances),
            rds=lambda region: Rds(self.client("rds", region), region, self._wanted.identifier(region)),
            engine=self.engine,
            secrets=lambda: self.client("secretsmanager"),
            warn=warn,
        )


class Failover:
    """What the module does in its steps, and how far it got."""

    def __init__(self, module: t.Any, wanted: Wanted):
        self._wanted = wanted
        self._actors = Lines(module, wanted).actors(module.warn)
        self._check_mode = module.check_mode
        self._limits = Limits(
            max_lag_ms=wanted.max_lag_ms,
            lag=module.params["lag_timeout"],
            fence=module.params["fence_timeout"],
            barrier=module.params["barrier_timeout"],
            promotion=module.params["promotion_timeout"],
        )
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        self._name = f"{now} {wanted.mode} to {wanted.target_region}"
        self.run: Run | None = None

    def read(self) -> State:
        return read(self._wanted, self._actors)

    def plan(self, state: State) -> list[Change]:
        judge(check(self._wanted, state), check_mode=self._check_mode, skip_unavailable=False).enforce()
        return plan(self._wanted, state, self._name)

    def apply(self, steps: list[Change], state: State) -> None:
        journal = begin(self._wanted, state, self._name)
        if journal is None:
            raise TypeError("a plan without a journal")
        moves = Moves(self._wanted, self._actors, self._limits, journal.source, journal.target)
        store = self._actors.journals(self._wanted.target_region)
        self.run = Run(journal, store, moves, resumed=bool(state.journal and not state.journal.finished))
        self.run.carry_out(steps)


def main() -> None:
    instance = {
        "region": {"type": "str", "required": True},
        "identifier": {"type": "str", "required": True},
        "address": {"type": "str"},
    }
    module = regional_module(
        {
            "mode": {"type": "str", "choices": ["status", "planned", "emergency"], "default": "status"},
            "target_region": {"type": "str", "required": True},
            "instances": {"type": "list", "elements": "dict", "required": True, "options": instance},
            "port": {"type": "int", "default": 3306},
            "tls_ca": {"type": "path"},
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
            "lag_timeout": {"type": "int", "default": 60},
            "fence_timeout": {"type": "int", "default": 30},
            "barrier_timeout": {"type": "int", "default": 30},
            "promotion_timeout": {"type": "int", "default": 3600},
            "lost_timeout": {"type": "int", "default": 2},
        }
    )
    if PYMYSQL_ERROR:
        module.fail_json(msg=missing_required_lib("PyMySQL"), exception=PYMYSQL_ERROR)
    wanted = Wanted(
        mode=module.params["mode"],
        target_region=module.params["target_region"],
        instances={item["region"]: item["identifier"] for item in module.params["instances"]},
        fence=module.params["fence"],
        fence_security_group=module.params["fence_security_group"],
        secret_prefix=module.params["secret_prefix"],
        max_lag_ms=module.params["max_lag_ms"],
    )
    failover = None
    try:
        regions = [item["region"] for item in module.params["instances"]]
        numbers = {name: module.params[name] for name in _NUMBERS}
        judge(check_options(wanted, regions, numbers), check_mode=module.check_mode, skip_unavailable=False).enforce()
        failover = Failover(module, wanted)
        changes, state = converge(
            check_mode=module.check_mode, read=failover.read, plan=failover.plan, apply=failover.apply, timeout=60
        )
    except PlatformError as error:
        journal = failover.run.journal if failover and failover.run else None
        module.fail_json(msg=str(error), failover=results.failover(journal))
    module.exit_json(
        failover=results.failover(state.journal),
        record=state.record.as_dict() if state.record else None,
        readiness=results.readiness(wanted, state),
        source=results.side(state.source),
        target=results.side(state.target),
        **describe(changes),
    )


if __name__ == "__main__":
    main()
