#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: vpc_flow_logs
short_description: Keep the flow logs of VPCs, subnets and network interfaces
version_added: 0.1.0
author:
  - KnowledgeCity platform contributors (@knowledgecity)
description:
  - Creates, replaces, tags and removes flow logs, any number in a single task.
  - AWS can change nothing but the tags of a flow log. Where another setting differs it is deleted and created again, and
    traffic in between is not recorded.
options:
  flow_logs:
    description: The flow logs.
    type: list
    elements: dict
    required: true
    suboptions:
      resource_id:
        description:
          - ID of the VPC, the subnet or the network interface.
          - One of this and O(flow_logs[].vpc_name) is required.
        type: str
      vpc_name:
        description:
          - The C(Name) tag of a VPC, instead of O(flow_logs[].resource_id).
          - In check mode the VPC need not exist yet.
        type: str
      destination_type:
        description: What the records are written to.
        type: str
        choices:
          - cloud-watch-logs
          - s3
        default: cloud-watch-logs
      destination:
        description: ARN of the log group, or of the bucket (with a prefix, if there is one).
        type: str
        required: true
      role_arn:
        description:
          - ARN of the role under which the records are written.
          - Required for V(cloud-watch-logs), unless O(state=absent).
        type: str
      traffic_type:
        description: Which traffic is recorded.
        type: str
        choices:
          - ALL
          - ACCEPT
          - REJECT
        default: ALL
      aggregation_interval:
        description: Seconds over which packets are summed up to a record.
        type: int
        choices:
          - 60
          - 600
        default: 600
      format:
        description: Fields of a record, such as V(${version} ${srcaddr} ${dstaddr}). Without it AWS's default format is used.
        type: str
      file_format:
        description: Format of the files in S3. Without it the format is left as it is, also where the flow log is replaced.
        type: str
        choices:
          - plain-text
          - parquet
      hive_compatible_partitions:
        description: Whether the prefixes in S3 are compatible with Hive. Without it they are left as they are.
        type: bool
      per_hour_partition:
        description: Whether there is a prefix for each hour in S3. Without it the prefixes are left as they are.
        type: bool
      tags:
        description: Tags of the flow log. Without it the tags are left as they are.
        type: dict
  state:
    description:
      - With V(present) the flow logs exist as described.
      - With V(absent) the flow logs of these resources to these destinations are removed, whatever their other settings.
    type: str
    choices:
      - present
      - absent
    default: present
  purge:
    description: Also remove the flow logs of the named resources that O(flow_logs) does not describe.
    type: bool
    default: false
  purge_tags:
    description: Remove tags that O(flow_logs[].tags) does not name.
    type: bool
    default: true
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
  - module: amazon.aws.ec2_vpc_net
  - module: amazon.aws.cloudwatchlogs_log_group
"""

EXAMPLES = r"""
- name: Record all traffic of a VPC
  knowledgecity.platform.vpc_flow_logs:
    flow_logs:
      - vpc_name: kc-production-me-west-1-network
        destination: arn:aws:logs:me-west-1:111122223333:log-group:kc-production-me-west-1-network-flow-logs
        role_arn: arn:aws:iam::111122223333:role/kc-production-network-flow-logs
        tags:
          platform: kc
          environment: production

- name: Also keep what was refused in a bucket, minute by minute
  knowledgecity.platform.vpc_flow_logs:
    flow_logs:
      - resource_id: vpc-0123456789abcdef0
        destination_type: s3
        destination: arn:aws:s3:::kc-production-me-west-1-logs/flow-logs/
        traffic_type: REJECT
        aggregation_interval: 60
        format: ${version} ${vpc-id} ${srcaddr} ${dstaddr} ${dstport} ${protocol} ${action}
        file_format: parquet
        per_hour_partition: true

- name: Remove all flow logs of a VPC
  knowledgecity.platform.vpc_flow_logs:
    state: absent
    purge: true
    flow_logs:
      - vpc_name: kc-production-me-west-1-network
        destination: arn:aws:logs:me-west-1:111122223333:log-group:kc-production-me-west-1-network-flow-logs
"""

RETURN = r"""
flow_logs:
  description: All flow logs of the named resources, as they were read last.
  returned: success
  type: list
  elements: dict
  contains:
    flow_log_id:
      description: ID of the flow log.
      type: str
    resource_id:
      description: ID of what it records.
      type: str
    destination_type:
      description: What the records are written to.
      type: str
    destination:
      description: ARN of the log group or of the bucket.
      type: str
    role_arn:
      description: ARN of the role under which the records are written.
      type: str
    traffic_type:
      description: Which traffic is recorded.
      type: str
    aggregation_interval:
      description: Seconds over which packets are summed up.
      type: int
    format:
      description: Fields of a record.
      type: str
    file_format:
      description: Format of the files in S3.
      type: str
    hive_compatible_partitions:
      description: Whether the prefixes in S3 are compatible with Hive.
      type: bool
    per_hour_partition:
      description: Whether there is a prefix for each hour in S3.
      type: bool
    tags:
      description: Tags of the flow log.
      type: dict
    problem:
      description: Why AWS could not deliver records, if it could not.
      type: str
changes:
  description: What was changed, or in check mode would be.
  returned: success
  type: list
  elements: dict
  sample: [{action: create, resource: flow log of vpc-0123456789abcdef0 (ALL) to kc-production-me-west-1-network-flow-logs}]
"""

from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import RegionalClients, regional_module
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import converge, describe
from ansible_collections.knowledgecity.platform.plugins.module_utils._vpc_flow_logs.model import CLOUD_WATCH_LOGS
from ansible_collections.knowledgecity.platform.plugins.module_utils._vpc_flow_logs.reconciler import FlowLogReconciler
from ansible_collections.knowledgecity.platform.plugins.module_utils._vpc_flow_logs.store import FlowLogStore

ENTRY = {
    "resource_id": {"type": "str"},
    "vpc_name": {"type": "str"},
    "destination_type": {"type": "str", "choices": [CLOUD_WATCH_LOGS, "s3"], "default": CLOUD_WATCH_LOGS},
    "destination": {"type": "str", "required": True},
    "role_arn": {"type": "str"},
    "traffic_type": {"type": "str", "choices": ["ALL", "ACCEPT", "REJECT"], "default": "ALL"},
    "aggregation_interval": {"type": "int", "choices": [60, 600], "default": 600},
    "format": {"type": "str"},
    "file_format": {"type": "str", "choices": ["plain-text", "parquet"]},
    "hive_compatible_partitions": {"type": "bool"},
    "per_hour_partition": {"type": "bool"},
    "tags": {"type": "dict"},
}


def main() -> None:
    module = regional_module(
        {
            "flow_logs": {
                "type": "list",
                "elements": "dict",
                "required": True,
                "options": ENTRY,
                "mutually_exclusive": [("resource_id", "vpc_name")],
                "required_one_of": [("resource_id", "vpc_name")],
            },
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "purge": {"type": "bool", "default": False},
            "purge_tags": {"type": "bool", "default": True},
            "wait_timeout": {"type": "int", "default": 60},
        }
    )
    parameters = module.params
    try:
        clients = RegionalClients(module)
        reconciler = FlowLogReconciler(
            parameters["flow_logs"],
            FlowLogStore(clients.client("ec2"), clients.region),
            absent=parameters["state"] == "absent",
            purge=parameters["purge"],
            purge_tags=parameters["purge_tags"],
        )
        changes, current = converge(reconciler, check_mode=module.check_mode, timeout=parameters["wait_timeout"])
    except PlatformError as error:
        module.fail_json(msg=str(error))
    for flow_log in current.flow_logs:
        if flow_log.problem:
            module.warn(
                f"The flow log {flow_log.flow_log_id} of {flow_log.resource_id} delivers nothing: {flow_log.problem}"
            )
    module.exit_json(flow_logs=[flow_log.as_dict() for flow_log in current.flow_logs], **describe(changes))


if __name__ == "__main__":
    main()
