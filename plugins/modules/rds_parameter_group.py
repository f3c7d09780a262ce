#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: rds_parameter_group
short_description: Manage a DB parameter group of RDS
version_added: 0.3.0
author:
  - KnowledgeCity platform contributors (@knowledgecity)
description:
  - Creates a DB parameter group, and sets parameters in it. Dynamic ones are applied at once, static ones at the next reboot.
  - Values are checked against what the parameter family takes before the first change. On and off may be written in any of
    YAML's and MySQL's words, for parameters that take C(0) and C(1) and for those that take C(ON) and C(OFF).
  - A group of another family is refused, since RDS can't change a group's family.
  - Parameters and tags that are not named are left as they are.
  - Unlike M(amazon.aws.rds_instance_param_group), it announces changes of parameters in check mode, keeps a boolean parameter that
    is written in a word, and resets parameters.
options:
  name:
    description: Name of the group.
    type: str
    required: true
  family:
    description: Parameter family, such as V(mysql8.4).
    type: str
    required: true
  description:
    description: Description of a new group. By default its name.
    type: str
  parameters:
    description: Values by parameter. An empty one resets the parameter to RDS's default.
    type: dict
    default: {}
  tags:
    description: Tags of the group.
    type: dict
  wait_timeout:
    description: Seconds to wait until what is read back is what is wanted.
    type: int
    default: 120
extends_documentation_fragment:
  - knowledgecity.platform.regional
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: amazon.aws.rds_instance_param_group
"""

EXAMPLES = r"""
- name: Create the parameter group
  knowledgecity.platform.rds_parameter_group:
    name: kc-production-me-west-1-database
    family: mysql8.4
    parameters:
      gtid-mode: "ON"
      slow_query_log: "ON"
      max_connections: 500
    tags:
      platform: kc

- name: Reset a parameter
  knowledgecity.platform.rds_parameter_group:
    name: kc-production-me-west-1-database
    family: mysql8.4
    parameters:
      max_connections:
"""

RETURN = r"""
group:
  description: The group as it was read last. In check mode as it was before.
  returned: success
  type: dict
  contains:
    name:
      description: Name of the group.
      type: str
    family:
      description: Its family. Missing where there is no group.
      type: str
    parameters:
      description: The parameters that were set by a user.
      type: dict
  sample:
    name: kc-production-me-west-1-database
    family: mysql8.4
    parameters: {gtid-mode: "ON"}
changes:
  description: What was changed, or in check mode would be.
  returned: success
  type: list
  elements: dict
  sample: [{action: update, resource: parameter group kc-production-me-west-1-database}]
"""

from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import RegionalClients, regional_module
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import Finding, judge
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import converge, describe
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_parameter_group.model import Wanted
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_parameter_group.reconciler import (
    ParameterGroupReconciler,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_parameters import as_text


def main() -> None:
    module = regional_module(
        {
            "name": {"type": "str", "required": True},
            "family": {"type": "str", "required": True},
            "description": {"type": "str"},
            "parameters": {"type": "dict", "default": {}},
            "tags": {"type": "dict"},
            "wait_timeout": {"type": "int", "default": 120},
        }
    )
    options = module.params
    tags = options["tags"]
    wanted = Wanted(
        options["name"],
        options["family"],
        options["description"] or options["name"],
        {key: None if value in (None, "") else as_text(value) for key, value in options["parameters"].items()},
        None if tags is None else {key: str(value) for key, value in tags.items()},
    )

    def enforce(findings: list[Finding]) -> None:
        judge(findings, check_mode=module.check_mode, skip_unavailable=False).enforce()

    try:
        reconciler = ParameterGroupReconciler(RegionalClients(module).client("rds"), wanted, enforce=enforce)
        changes, state = converge(reconciler, check_mode=module.check_mode, timeout=options["wait_timeout"])
    except PlatformError as error:
        module.fail_json(msg=str(error))
    group = {"name": wanted.name, "parameters": state.held} | ({"family": state.family} if state.family else {})
    module.exit_json(group=group, **describe(changes))


if __name__ == "__main__":
    main()
