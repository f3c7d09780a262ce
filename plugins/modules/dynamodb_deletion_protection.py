#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: dynamodb_deletion_protection
short_description: Protect DynamoDB tables against deletion
version_added: 0.2.0
author:
  - KnowledgeCity platform contributors (@knowledgecity)
description:
  - Sets whether DynamoDB refuses to delete tables, any number of them in a single task.
  - M(community.aws.dynamodb_table) creates tables, and has no option for their protection.
options:
  tables:
    description: Names of the tables.
    type: list
    elements: str
    required: true
  enabled:
    description:
      - Whether the tables are protected.
      - A table that isn't there is an error with V(true), except in check mode, and needs nothing with V(false).
    type: bool
    default: true
  wait_timeout:
    description: Seconds to wait for the changes to take effect, and for other changes of a table to end.
    type: int
    default: 60
extends_documentation_fragment:
  - knowledgecity.platform.regional
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: community.aws.dynamodb_table
"""

EXAMPLES = r"""
- name: Protect a table against deletion
  knowledgecity.platform.dynamodb_deletion_protection:
    tables: [kc-production-region-record]

- name: Switch the protection off before the table is removed
  knowledgecity.platform.dynamodb_deletion_protection:
    tables: [kc-production-region-record]
    enabled: false
"""

RETURN = r"""
tables:
  description: Whether each table is protected, as it was read last; V(null) where there is no such table.
  returned: success
  type: dict
  sample: {kc-production-region-record: true}
changes:
  description: What was changed, or in check mode would be.
  returned: success
  type: list
  elements: dict
  sample: [{action: set, resource: deletion protection of kc-production-region-record}]
"""

from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import RegionalClients, regional_module
from ansible_collections.knowledgecity.platform.plugins.module_utils._dynamodb_deletion_protection.reconciler import (
    ProtectionReconciler,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import converge, describe


def main() -> None:
    module = regional_module(
        {
            "tables": {"type": "list", "elements": "str", "required": True},
            "enabled": {"type": "bool", "default": True},
            "wait_timeout": {"type": "int", "default": 60},
        }
    )
    timeout = module.params["wait_timeout"]
    clients = RegionalClients(module)
    try:
        reconciler = ProtectionReconciler(
            module.params["tables"],
            module.params["enabled"],
            clients.client("dynamodb"),
            clients.region,
            check_mode=module.check_mode,
            wait_timeout=timeout,
        )
        changes, tables = converge(reconciler, check_mode=module.check_mode, timeout=timeout)
    except PlatformError as error:
        module.fail_json(msg=str(error))
    module.exit_json(tables=tables, **describe(changes))


if __name__ == "__main__":
    main()
