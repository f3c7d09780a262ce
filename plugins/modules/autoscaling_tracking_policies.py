#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: autoscaling_tracking_policies
short_description: Keep target tracking policies of an Auto Scaling group that use metric math
version_added: 0.3.0
author:
  - KnowledgeCity platform contributors (@knowledgecity)
description:
  - Keeps target tracking policies of an Auto Scaling group whose metric is computed from others (metric math), such as the length
    of a queue for each instance. M(community.aws.autoscaling_policy) takes single metrics only, and does not
    detect that they changed.
  - Policies of the group that are not named are left alone.
options:
  group:
    description: Name of the Auto Scaling group.
    type: str
    required: true
  policies:
    description: The policies.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the policy.
        type: str
        required: true
      target_value:
        description: Target value of the tracked metric. Required with O(state=present).
        type: float
      scale_in:
        description: Whether the policy also terminates instances.
        type: bool
        default: true
      warm_up:
        description: Seconds until a new instance counts. Without it the group's setting holds.
        type: int
      metrics:
        description: The metrics that are read, and those that are computed. One of them is tracked.
        type: list
        elements: dict
        default: []
        suboptions:
          id:
            description: ID of the metric in expressions; it begins with a small letter.
            type: str
            required: true
          namespace:
            description: Namespace of a metric that is read.
            type: str
          metric_name:
            description: Name of a metric that is read.
            type: str
          dimensions:
            description: Dimensions of a metric that is read, by name.
            type: dict
            default: {}
          statistic:
            description: Statistic of a metric that is read.
            type: str
            default: Average
          expression:
            description: How a metric is computed from others.
            type: str
          label:
            description: Label of the metric.
            type: str
          tracked:
            description: Whether this is the one that O(policies[].target_value) is about.
            type: bool
            default: false
  state:
    description: Whether the group has these policies.
    type: str
    choices: [present, absent]
    default: present
  wait_timeout:
    description: Seconds to wait for the changes to take effect.
    type: int
    default: 60
extends_documentation_fragment:
  - knowledgecity.platform.regional
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: community.aws.autoscaling_policy
  - module: amazon.aws.autoscaling_group
"""

EXAMPLES = r"""
- name: Have one instance for every four jobs that wait
  knowledgecity.platform.autoscaling_tracking_policies:
    region: me-west-1
    group: kc-production-me-west-1-media
    policies:
      - name: jobs-per-host
        target_value: 4
        warm_up: 300
        metrics:
          - id: jobs
            namespace: AWS/SQS
            metric_name: ApproximateNumberOfMessagesVisible
            dimensions: {QueueName: kc-production-me-west-1-media}
            statistic: Sum
          - id: hosts
            namespace: AWS/AutoScaling
            metric_name: GroupInServiceInstances
            dimensions: {AutoScalingGroupName: kc-production-me-west-1-media}
          - id: jobs_per_host
            expression: jobs / hosts
            tracked: true
"""

RETURN = r"""
policies:
  description: The group's target tracking policies.
  returned: success
  type: list
  elements: dict
  sample: [{name: jobs-per-host, target_value: 4.0, scale_in: true, warm_up: 300, metrics: []}]
changes:
  description: What was changed, or in check mode would be.
  returned: success
  type: list
  elements: dict
  sample: [{action: create, resource: policy jobs-per-host of kc-production-me-west-1-media}]
"""

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._autoscaling_tracking_policies.model import (
    Policy,
    check,
    metric,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._autoscaling_tracking_policies.store import (
    PolicyReconciler,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import RegionalClients, regional_module
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import judge
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import converge, describe

METRIC = {
    "id": {"type": "str", "required": True},
    "namespace": {"type": "str"},
    "metric_name": {"type": "str"},
    "dimensions": {"type": "dict", "default": {}},
    "statistic": {"type": "str", "default": "Average"},
    "expression": {"type": "str"},
    "label": {"type": "str"},
    "tracked": {"type": "bool", "default": False},
}
POLICY = {
    "name": {"type": "str", "required": True},
    "target_value": {"type": "float"},
    "scale_in": {"type": "bool", "default": True},
    "warm_up": {"type": "int"},
    "metrics": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": METRIC,
        "mutually_exclusive": [("expression", "metric_name"), ("expression", "namespace")],
        "required_one_of": [("expression", "metric_name")],
        "required_together": [("namespace", "metric_name")],
    },
}


def _policy(entry: dict[str, t.Any]) -> Policy:
    metrics = tuple(metric(item) for item in entry["metrics"])
    return Policy(entry["name"], entry["target_value"], metrics, entry["scale_in"], entry["warm_up"])


def main() -> None:
    module = regional_module(
        {
            "group": {"type": "str", "required": True},
            "policies": {"type": "list", "elements": "dict", "required": True, "options": POLICY},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "wait_timeout": {"type": "int", "default": 60},
        }
    )
    parameters = module.params
    absent = parameters["state"] == "absent"
    wanted = [_policy(entry) for entry in parameters["policies"]]
    clients = RegionalClients(module)
    try:
        judge(check(wanted) if not absent else [], check_mode=module.check_mode, skip_unavailable=False).enforce()
        client = clients.client("autoscaling")
        reconciler = PolicyReconciler(client, clients.region, parameters["group"], wanted, absent=absent)
        changes, policies = converge(reconciler, check_mode=module.check_mode, timeout=parameters["wait_timeout"])
    except PlatformError as error:
        module.fail_json(msg=str(error))
    module.exit_json(policies=[policy.shown() for _name, policy in sorted(policies.items())], **describe(changes))


if __name__ == "__main__":
    main()
