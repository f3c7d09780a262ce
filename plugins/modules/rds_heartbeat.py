#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: rds_heartbeat
short_description: Keep a heartbeat row in the writer, by which replicas tell how far behind they are
version_added: 0.2.0
author:
  - KnowledgeCity platform contributors (@knowledgecity)
description:
  - A MySQL event writes the time into a row every second. On a replica the row's age tells how far behind it is, also where the
    link is frozen and C(Seconds_Behind_Source) says 0, and after a failover from when on rows may be lost.
  - Replicas write nothing. After a promotion M(knowledgecity.platform.rds_failover) lets the event run there.
  - Must run where the server can be reached, such as on the runner of its region. Needs PyMySQL there.
options:
  host:
    description: Endpoint of the instance that takes writes. The server's certificate must name it.
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
  schema:
    description: Schema that holds the row. It is made where it is missing.
    type: str
    default: platform
  wait_timeout:
    description: Seconds to wait until what is read back is what is wanted.
    type: int
    default: 30
extends_documentation_fragment:
  - knowledgecity.platform.regional
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
requirements:
  - PyMySQL
seealso:
  - module: knowledgecity.platform.rds_failover
"""

EXAMPLES = r"""
- name: Let the writer's heart beat
  knowledgecity.platform.rds_heartbeat:
    host: kc-production-me-west-1-database.c0123456789a.me-west-1.rds.amazonaws.com
    tls_ca: /etc/ssl/certs/rds-global-bundle.pem
    admin_secret: kc-production/database/master
  delegate_to: "{{ groups['runner_me_west_1'] | last }}"
"""

RETURN = r"""
heartbeat:
  description: The heartbeat as it was read last.
  returned: success
  type: dict
  contains:
    schema:
      description: Schema that holds the row.
      type: str
    age_ms:
      description: Milliseconds since the last beat; none before the first.
      type: int
  sample: {schema: platform, age_ms: 412}
changes:
  description: What was changed, or in check mode would be.
  returned: success
  type: list
  elements: dict
  sample: [{action: create, resource: event platform.heartbeat}]
"""

import contextlib
import typing as t

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import RegionalClients, regional_module
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import Finding, judge
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.connection import (
    PYMYSQL_ERROR,
    connector,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.credentials import read_login
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.session import session
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change, converge, describe
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_heartbeat import server
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_heartbeat.model import State, check, plan


def main() -> None:
    module = regional_module(
        {
            "host": {"type": "str", "required": True},
            "port": {"type": "int", "default": 3306},
            "address": {"type": "str"},
            "tls_ca": {"type": "path"},
            "admin_secret": {"type": "str", "required": True, "no_log": False},
            "schema": {"type": "str", "default": "platform"},
            "wait_timeout": {"type": "int", "default": 30},
        }
    )
    if PYMYSQL_ERROR:
        module.fail_json(msg=missing_required_lib("PyMySQL"), exception=PYMYSQL_ERROR)
    parameters = module.params
    schema, host = parameters["schema"], parameters["host"]

    def enforce(findings: list[Finding]) -> None:
        judge(findings, check_mode=module.check_mode, skip_unavailable=False).enforce()

    def judged_plan(state: State) -> list[Change]:
        enforce(check(schema, state))
        return plan(schema, state)

    try:
        enforce(check(schema))
        clients = RegionalClients(module)
        login = read_login(clients.client("secretsmanager"), parameters["admin_secret"])
        connect = connector(host, parameters["port"], parameters["address"], parameters["tls_ca"])

        def in_session(what: str) -> contextlib.AbstractContextManager[t.Any]:
            return session(lambda: connect(*login), what, host)

        def read() -> State:
            with in_session("read the heartbeat") as cursor:
                return server.read(cursor, schema)

        def apply(changes: list[Change], _state: State) -> None:
            with in_session("set the heartbeat up") as cursor:
                server.apply(cursor, schema, changes)

        changes, state = converge(
            check_mode=module.check_mode,
            read=read,
            plan=judged_plan,
            apply=apply,
            timeout=parameters["wait_timeout"],
        )
    except PlatformError as error:
        module.fail_json(msg=str(error))
    age = None if state.age_us is None else state.age_us // 1000
    module.exit_json(heartbeat={"schema": schema, "age_ms": age}, **describe(changes))


if __name__ == "__main__":
    main()
