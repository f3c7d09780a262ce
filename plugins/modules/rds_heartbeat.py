#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: rds_heartbeat
short_description: Manage a heartbeat row in the writer, which shows how far behind replicas are
version_added: 0.2.0
author:
  - KnowledgeCity platform contributors (@knowledgecity)
description:
  - A MySQL event writes the time into a row every second. On a replica the row's age shows how far behind it is, also where the
    connection is frozen and C(Seconds_Behind_Source) is 0. After a failover it shows from when on rows may be lost.
  - Replicas write nothing. After a promotion M(knowledgecity.platform.rds_failover) enables the event there.
  - Must run where the server can be reached, such as on the runner of its region. Needs PyMySQL there.
options:
  host:
    description: Endpoint of the instance that takes writes. The server's certificate must name it.
    type: str
    required: true
  admin_secret:
    required: true
  schema:
    description: Schema of the row. It is created where it is missing.
    type: str
    default: platform
  wait_timeout:
    description: Seconds to wait until what is read back is what is wanted.
    type: int
    default: 30
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
  - module: knowledgecity.platform.rds_failover
"""

EXAMPLES = r"""
- name: Create the heartbeat of the writer
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
      description: Schema of the row.
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

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import RegionalClients, regional_module
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import judge
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.connection import (
    MYSQL_OPTIONS,
    PYMYSQL_ERROR,
    SERVER_OPTIONS,
    connector,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.credentials import read_login
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import converge, describe
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_heartbeat.model import check, result
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_heartbeat.reconciler import (
    HeartbeatReconciler,
)

_OPTIONS = (
    MYSQL_OPTIONS
    | SERVER_OPTIONS
    | {
        "host": {"type": "str", "required": True},
        "admin_secret": {"type": "str", "required": True, "no_log": False},
        "schema": {"type": "str", "default": "platform"},
        "wait_timeout": {"type": "int", "default": 30},
    }
)


def main() -> None:
    module = regional_module(_OPTIONS)
    if PYMYSQL_ERROR:
        module.fail_json(msg=missing_required_lib("PyMySQL"), exception=PYMYSQL_ERROR)
    parameters, check_mode = module.params, module.check_mode
    schema, host = parameters["schema"], parameters["host"]
    try:
        judge(check(schema), check_mode=check_mode, skip_unavailable=False).enforce()
        login = read_login(RegionalClients(module).client("secretsmanager"), parameters["admin_secret"])
        connect = connector(host, parameters["port"], parameters["address"], parameters["tls_ca"])
        reconciler = HeartbeatReconciler(lambda: connect(*login), host, schema, check_mode=check_mode)
        changes, state = converge(reconciler, check_mode=check_mode, timeout=parameters["wait_timeout"])
    except PlatformError as error:
        module.fail_json(msg=str(error))
    module.exit_json(heartbeat=result(schema, state), **describe(changes))


if __name__ == "__main__":
    main()
