#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: aws_describe_info
short_description: Read many things of a region in one call
version_added: 0.3.0
author:
  - KnowledgeCity platform contributors (@knowledgecity)
description:
  - Calls a list of describe, get and list operations of the AWS API in parallel, and returns all answers.
  - Most of the time that a task takes goes into starting its process.
    This module starts one where M(amazon.aws.ec2_vpc_net_info) and its relatives start one each.
  - Answers are returned in snake case, with tags as dictionaries, as the modules of C(amazon.aws) return them.
  - Operations that change something are refused, and so are those whose answer is a secret.
    What the API's model calls sensitive, such as user data, is left out of the answers.
options:
  queries:
    description: What to read. Queries that don't depend on another one run at the same time.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the query, under which RV(resources) has its items.
        type: str
        required: true
      service:
        description: Name of the service as in boto3, such as V(ec2) or V(elbv2).
        type: str
        required: true
      operation:
        description: Name of the operation as in boto3, such as V(describe_vpcs). It begins with C(describe_), C(get_) or C(list_).
        type: str
        required: true
      parameters:
        description: Parameters of the operation, by the names of the API. Pages are read to the end.
        type: dict
        default: {}
      filters:
        description:
          - Filters by name, as the modules of C(amazon.aws) take them. A value can be a list.
          - For operations that take filters with C(Name) and C(Values), such as those of EC2.
        type: dict
      key:
        description:
          - The member of the answer to return, by its name in the API, such as V(Vpcs).
          - A path with dots leads further in, and joins the lists on its way, such as V(Reservations.Instances).
          - Without it the whole answer is one item.
        type: str
      for_each:
        description: Repeat the query for each item of another query.
        type: dict
        suboptions:
          query:
            description: Name of the other query.
            type: str
            required: true
          attribute:
            description:
              - Attribute of the item to take, in snake case. Items without it are left out.
              - Where items are plain values, the value itself is taken.
              - Each item that this query returns has it, too.
            type: str
            required: true
          parameter:
            description: Parameter that takes the attribute. One that takes a list gets a list of one.
            type: str
          filter:
            description: Filter that takes the attribute.
            type: str
          merge:
            description: Add the answer to the item, such as its tags. This query then has no items of its own.
            type: bool
            default: false
      absent_codes:
        description: Error codes that mean that there is none, such as V(TargetGroupNotFound). The query then has no items.
        type: list
        elements: str
        default: []
      ignore_errors:
        description: Return the error of this query in RV(errors), and go on.
        type: bool
        default: false
      region:
        description: Region to read, where it is not the module's own.
        type: str
      timeout:
        description:
          - Seconds to wait for a connection and for an answer, after which the query has failed and is not tried again.
          - Without it the collection's usual patience.
        type: float
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
  - module: knowledgecity.platform.tagged_resources_info
"""

EXAMPLES = r"""
- name: Read a VPC and what is in it
  knowledgecity.platform.aws_describe_info:
    queries:
      - name: vpcs
        service: ec2
        operation: describe_vpcs
        filters: {"tag:Name": kc-production-eu-central-1-network}
        key: Vpcs
      - name: subnets
        service: ec2
        operation: describe_subnets
        for_each: {query: vpcs, attribute: vpc_id, filter: vpc-id}
        key: Subnets
      - name: dns_support
        service: ec2
        operation: describe_vpc_attribute
        parameters: {Attribute: enableDnsSupport}
        for_each: {query: vpcs, attribute: vpc_id, parameter: VpcId, merge: true}
  register: network

- name: Say which zones have a subnet
  ansible.builtin.debug:
    msg: "{{ network.resources.subnets | map(attribute='availability_zone') | unique }}"

- name: Read a load balancer that may not be there
  knowledgecity.platform.aws_describe_info:
    queries:
      - name: balancers
        service: elbv2
        operation: describe_load_balancers
        parameters: {Names: [kc-media]}
        key: LoadBalancers
        absent_codes: [LoadBalancerNotFound]
      - name: balancer_tags
        service: elbv2
        operation: describe_tags
        for_each: {query: balancers, attribute: load_balancer_arn, parameter: ResourceArns, merge: true}
        key: TagDescriptions
"""

RETURN = r"""
resources:
  description:
    - The items of each query by its name, always a list, empty where there is none.
    - Names of members are in snake case. Keys of maps are left as they are, unless the API lists which there can be.
  returned: success
  type: dict
  sample:
    vpcs:
      - vpc_id: vpc-0123456789abcdef0
        cidr_block: 10.20.0.0/16
        tags: {Name: kc-production-eu-central-1-network}
errors:
  description: What went wrong with queries that have O(queries[].ignore_errors), by their names.
  returned: success
  type: dict
  sample: {vpcs: "Could not read vpcs (ec2 describe_vpcs) in eu-central-1: ..."}
"""

import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import RegionalClients, regional_module
from ansible_collections.knowledgecity.platform.plugins.module_utils._aws_describe.model import Query, queries_of
from ansible_collections.knowledgecity.platform.plugins.module_utils._aws_describe.reader import Reader
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError

_FOR_EACH = {
    "query": {"type": "str", "required": True},
    "attribute": {"type": "str", "required": True},
    "parameter": {"type": "str"},
    "filter": {"type": "str"},
    "merge": {"type": "bool", "default": False},
}
_QUERY = {
    "name": {"type": "str", "required": True},
    "service": {"type": "str", "required": True},
    "operation": {"type": "str", "required": True},
    "parameters": {"type": "dict", "default": {}},
    "filters": {"type": "dict"},
    "key": {"type": "str", "no_log": False},
    "for_each": {
        "type": "dict",
        "options": _FOR_EACH,
        "mutually_exclusive": [("parameter", "filter")],
        "required_one_of": [("parameter", "filter")],
    },
    "absent_codes": {"type": "list", "elements": "str", "default": []},
    "ignore_errors": {"type": "bool", "default": False},
    "region": {"type": "str"},
    "timeout": {"type": "float"},
}


def _clients(module: AnsibleAWSModule) -> t.Callable[[Query], t.Any]:
    """Return what gives each query its client: shared by service and region, and by the time-out where one is set."""
    patient = RegionalClients(module)
    hasty: dict[float, RegionalClients] = {}

    def client_for(query: Query) -> t.Any:
        clients = patient
        if query.timeout:
            if query.timeout not in hasty:
                hasty[query.timeout] = RegionalClients(
                    module, max_attempts=1, read_timeout=query.timeout, connect_timeout=query.timeout
                )
            clients = hasty[query.timeout]
        return clients.client(query.service, query.region)

    return client_for


def main() -> None:
    module = regional_module({"queries": {"type": "list", "elements": "dict", "required": True, "options": _QUERY}})
    try:
        reader = Reader(_clients(module))
        resources = reader.read(queries_of(module.params["queries"]))
    except PlatformError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, resources=resources, errors=reader.errors)


if __name__ == "__main__":
    main()
