#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: cloudwatch_metric_data
short_description: Put data points of a CloudWatch metric
version_added: 0.2.0
author:
  - KnowledgeCity platform contributors (@knowledgecity)
description:
  - Puts data points, for alarms on what only a playbook knows, such as the age of a backup that was proven sound.
  - Every run puts its points, and so always reports a change. In check mode nothing is put.
options:
  namespace:
    description: Namespace of the metrics. C(AWS/) is Amazon's own.
    type: str
    required: true
  metrics:
    description: The data points, up to 1000, put in one call.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the metric.
        type: str
        required: true
      value:
        description: Its value.
        type: float
        required: true
      unit:
        description: Unit of the value, as CloudWatch names it.
        type: str
        choices: [Seconds, Milliseconds, Bytes, Percent, Count, Bytes/Second, Count/Second, None]
        default: None
      dimensions:
        description: Dimensions by name. With other dimensions it is another metric.
        type: dict
        default: {}
extends_documentation_fragment:
  - knowledgecity.platform.regional
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
attributes:
  diff_mode:
    support: none
    details: What is put replaces nothing.
seealso:
  - module: amazon.aws.cloudwatch_metric_alarm
"""

EXAMPLES = r"""
- name: Tell how old the newest backup is that was proven sound
  knowledgecity.platform.cloudwatch_metric_data:
    namespace: kc-production/runner
    metrics:
      - name: NewestVerifiedBackupAge
        value: "{{ backups.newest_verified.age }}"
        unit: Seconds
        dimensions: {Engine: ClickHouse}
"""

RETURN = r"""
metrics:
  description: What was put, or in check mode would be.
  returned: success
  type: list
  elements: dict
  sample: [{MetricName: NewestVerifiedBackupAge, Value: 3600.0, Unit: Seconds, Dimensions: [{Name: Engine, Value: ClickHouse}]}]
"""

from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import RegionalClients, regional_module
from ansible_collections.knowledgecity.platform.plugins.module_utils._cloudwatch_metric_data import (
    UNITS,
    data_points,
    problems,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError, doing


def main() -> None:
    module = regional_module(
        {
            "namespace": {"type": "str", "required": True},
            "metrics": {
                "type": "list",
                "elements": "dict",
                "required": True,
                "options": {
                    "name": {"type": "str", "required": True},
                    "value": {"type": "float", "required": True},
                    "unit": {"type": "str", "choices": UNITS, "default": "None"},
                    "dimensions": {"type": "dict", "default": {}},
                },
            },
        }
    )
    namespace, metrics = module.params["namespace"], module.params["metrics"]
    points = data_points(metrics)
    try:
        if found := problems(namespace, metrics):
            raise PlatformError(f"{' '.join(found)} Nothing was put.")
        if points and not module.check_mode:
            with doing(f"put {len(points)} data points of {namespace}"):
                RegionalClients(module).client("cloudwatch").put_metric_data(Namespace=namespace, MetricData=points)
    except PlatformError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=bool(points), metrics=points)


if __name__ == "__main__":
    main()
