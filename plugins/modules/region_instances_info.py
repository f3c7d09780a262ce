#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: region_instances_info
short_description: List the EC2 instances of several regions, within a time-out
version_added: 0.3.0
author:
  - KnowledgeCity platform contributors (@knowledgecity)
description:
  - Lists the EC2 instances of all given regions, which are asked at the same time.
  - A region that can't be reached, or does not answer within O(timeout), is named in RV(unavailable) and in a warning.
  - M(amazon.aws.ec2_instance_info) asks one region.
options:
  regions:
    description: The regions to ask.
    type: list
    elements: str
    required: true
  filters:
    description: Filters of C(DescribeInstances), each with a value or a list of values.
    type: dict
    default: {}
  timeout:
    description: Seconds to wait for a connection, and for an answer.
    type: float
    default: 10
extends_documentation_fragment:
  - knowledgecity.platform.regional
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
attributes:
  check_mode:
    details: Changes nothing.
  diff_mode:
    support: none
seealso:
  - module: amazon.aws.ec2_instance_info
"""

EXAMPLES = r"""
- name: Find the runners of both regions
  knowledgecity.platform.region_instances_info:
    regions: [me-west-1, eu-central-1]
    filters:
      "tag:platform": kc
      "tag:environment": production
      "tag:tier": runner
      instance-state-name: running
  register: found

- name: Add them to the inventory
  ansible.builtin.add_host:
    name: "{{ item.instance_id }}"
    groups: "runner_{{ item.region | replace('-', '_') }}"
    ansible_connection: amazon.aws.aws_ssm
    ansible_aws_ssm_region: "{{ item.region }}"
  loop: "{{ found.instances }}"
"""

RETURN = r"""
instances:
  description: The instances, ordered by region as given, then by the time of their launch.
  returned: success
  type: list
  elements: dict
  contains:
    instance_id: {description: The instance's ID., type: str, returned: always, sample: i-0123456789abcdef0}
    region: {description: Its region., type: str, returned: always, sample: me-west-1}
    availability_zone: {description: Its availability zone., type: str, returned: always, sample: me-west-1a}
    private_ip_address: {description: Its private address., type: str, returned: always, sample: 10.10.0.12}
    state: {description: Its state., type: str, returned: always, sample: running}
    launch_time: {description: When it was launched., type: str, returned: always, sample: '2026-11-25T10:00:00+00:00'}
    tags: {description: Its tags., type: dict, returned: always}
unavailable:
  description: The regions that gave no answer, each with the reason.
  returned: success
  type: dict
  sample: {}
"""

from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import RegionalClients, regional_module
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_instances import find_instances


def main() -> None:
    module = regional_module(
        {
            "regions": {"type": "list", "elements": "str", "required": True},
            "filters": {"type": "dict", "default": {}},
            "timeout": {"type": "float", "default": 10},
        }
    )
    regions, filters, timeout = (module.params[name] for name in ("regions", "filters", "timeout"))
    clients = RegionalClients(module, max_attempts=1, connect_timeout=timeout, read_timeout=timeout)
    try:
        instances, unavailable = find_instances(lambda region: clients.client("ec2", region), regions, filters, timeout)
    except PlatformError as error:
        module.fail_json(msg=str(error))
    for region, reason in unavailable.items():
        module.warn(f"The instances of {region} could not be listed within {timeout:g} s: {reason}")
    module.exit_json(changed=False, instances=instances, unavailable=unavailable)


if __name__ == "__main__":
    main()
