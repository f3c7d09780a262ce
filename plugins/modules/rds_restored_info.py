#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: rds_restored_info
short_description: Report whether a restored MySQL server is sound and reaches the second that was asked for
version_added: 0.2.0
author:
  - KnowledgeCity platform contributors (@knowledgecity)
description:
  - Lets the server check every table with its indexes, and reads the heartbeat that M(knowledgecity.platform.rds_heartbeat) has
    written every second. Its last beat in the restored data shows up to when the binary logs were applied.
  - Must run where the server can be reached, such as on the runner of its region. Needs PyMySQL there.
options:
  host:
    description: Endpoint of the restored instance. The server's certificate must name it.
    type: str
    required: true
  admin_secret:
    required: true
  heartbeat_schema:
    description: Schema of the heartbeat.
    type: str
    default: platform
  restored_to:
    description: The second that it was restored to, in ISO 8601 with a time zone.
    type: str
  check_tables:
    description: Whether the server checks every table, for which it reads all of them.
    type: bool
    default: true
  timeout:
    description: Seconds that the check of one table may take.
    type: int
    default: 14400
extends_documentation_fragment:
  - knowledgecity.platform.mysql
  - knowledgecity.platform.mysql.server
  - knowledgecity.platform.regional
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
attributes:
  diff_mode:
    support: none
    details: Nothing is changed.
requirements:
  - PyMySQL
seealso:
  - module: knowledgecity.platform.rds_instance_restore
"""

EXAMPLES = r"""
- name: Check a restored instance
  knowledgecity.platform.rds_restored_info:
    host: kc-production-me-west-1-database-proof.c0123456789a.me-west-1.rds.amazonaws.com
    tls_ca: /etc/ssl/certs/rds-global-bundle.pem
    admin_secret: kc-production/database/master
    restored_to: "2026-03-14T09:25:00Z"
  register: restored
  delegate_to: "{{ groups['runner_me_west_1'] | last }}"
"""

RETURN = r"""
schemas:
  description: Number of tables by schema, without MySQL's own schemas.
  returned: success
  type: dict
  sample: {tenantacme: 41}
checked_tables:
  description: Number of tables that the server checked.
  returned: success
  type: int
  sample: 41
damaged:
  description: What the server found wrong.
  returned: success
  type: list
  elements: str
  sample: []
heartbeat:
  description: Time of the last beat, in UTC. None where there is no heartbeat.
  returned: success
  type: str
  sample: "2026-03-14T09:24:59.113240+00:00"
heartbeat_behind:
  description: Seconds from the last beat to O(restored_to).
  returned: success
  type: float
  sample: 0.9
"""

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import RegionalClients, regional_module
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._moments import parse_moment
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.connection import (
    MYSQL_OPTIONS,
    PYMYSQL_ERROR,
    SERVER_OPTIONS,
    connector,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.credentials import read_login
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_restored_info import observe

_OPTIONS = (
    MYSQL_OPTIONS
    | SERVER_OPTIONS
    | {
        "host": {"type": "str", "required": True},
        "admin_secret": {"type": "str", "required": True, "no_log": False},
        "heartbeat_schema": {"type": "str", "default": "platform"},
        "restored_to": {"type": "str"},
        "check_tables": {"type": "bool", "default": True},
        "timeout": {"type": "int", "default": 14400},
    }
)


def main() -> None:
    module = regional_module(_OPTIONS)
    if PYMYSQL_ERROR:
        module.fail_json(msg=missing_required_lib("PyMySQL"), exception=PYMYSQL_ERROR)
    parameters, host = module.params, module.params["host"]
    try:
        login = read_login(RegionalClients(module).client("secretsmanager"), parameters["admin_secret"])
        timeout = float(parameters["timeout"])
        connect = connector(host, parameters["port"], parameters["address"], parameters["tls_ca"], read_timeout=timeout)
        found = observe(
            lambda: connect(*login),
            host,
            parameters["heartbeat_schema"],
            parse_moment(parameters["restored_to"]) if parameters["restored_to"] else None,
            check=parameters["check_tables"],
        )
    except PlatformError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, **found)


if __name__ == "__main__":
    main()
